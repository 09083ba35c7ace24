"""The infrastructure: from the declarations in functions/ to CloudFormation, by the CDK."""
