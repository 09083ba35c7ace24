"""Renders answers of investigators as HTML without script, for the local page and the CloudWatch widget.

The modules of this folder are pure: they import no boto3, no terminal and no deployment, so a Lambda function can use
them. `server/` serves the local page.
"""
