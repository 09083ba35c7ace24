"""Addresses of buckets and objects as text."""

import pytest

from functions.runtime.core.s3_uri import S3Uri


@pytest.mark.parametrize(
    ("text", "uri"),
    [
        ("s3://b/k", S3Uri("b", "k")),
        ("s3://b/a/ü é'\"\n/../x", S3Uri("b", "a/ü é'\"\n/../x")),
        ("s3://b//k", S3Uri("b", "/k")),
        ("s3://b", S3Uri("b")),
    ],
)
def test_an_address_is_read_and_written_without_loss(text: str, uri: S3Uri) -> None:
    """Keys contain any character, slashes too."""
    assert S3Uri.parse(text) == uri
    assert str(uri) == text


@pytest.mark.parametrize("text", ["customer/42", "arn:aws:s3:::b", "S3://b/k", ""])
def test_another_subject_is_not_an_address(text: str) -> None:
    """Such as a domain event's subject or an ARN."""
    assert S3Uri.parse(text) is None
