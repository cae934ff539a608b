"""Synthesis: Node, the cloud assembly and its cache, and the CDK command line."""
