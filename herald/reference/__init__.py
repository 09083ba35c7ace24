"""The reference pages in docs/reference/, generated from the code."""

from collections.abc import Mapping

from herald.reference import cdk_json, command_line, declaration, python_api


def pages() -> Mapping[str, str]:
    """Return the Markdown of each page by its file name."""
    return {
        "function-toml.md": declaration.page(),
        "cdk-json.md": cdk_json.page(),
        "python.md": python_api.page(),
        "command-line.md": command_line.page(),
    }
