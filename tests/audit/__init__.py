"""cfn-lint and checkov on the synthesized templates."""
