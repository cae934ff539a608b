"""A demonstration on the embedded AWS: deployment, verification, revocation, restoration and removal."""
