"""From function.toml and resources.toml to frozen dataclasses, without the CDK."""
