"""Making templates: the toolchain, the cloud assembly, its cache, and the CDK command line."""
