"""Released templates: one CloudFormation template with parameters for each shape, for accounts without the CDK."""
