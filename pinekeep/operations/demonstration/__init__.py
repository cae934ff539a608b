"""The whole way, once, on an embedded AWS: deployed, proven, cut off, restored and taken away."""
