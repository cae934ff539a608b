"""Facts, names, policies, the configuration and its customers, and the models of the output. Pure: no AWS, no CDK."""
