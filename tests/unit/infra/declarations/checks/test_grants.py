"""[access]: resources and contracts must exist, and names of buckets must be valid."""

from pathlib import Path

import pytest

from tests.unit.infra.declared import changed, declare, refusal

BUCKETS = ("*", "a*", "ab*", "**", "her*ld-a", "Herald-*", "herald-*/x", "arn:aws:s3:::herald-*", "x" * 64, "${env}*")


@pytest.mark.parametrize(
    ("access", "reason"),
    [
        (
            'read = ["topic.notices"]',
            "access.read: 'topic.notices' is a topic; this key accepts bucket and table",
        ),
        ('send = ["queue.none"]', "access.send: 'queue.none' is an unknown queue"),
        (
            'read = ["bucket.output/*"]',
            "access.read: 'bucket.output/*' is an unknown bucket; did you mean 'outputs'?",
        ),
        ('read = ["outputs"]', "access.read: 'outputs' is not a resource: write bucket.<name>/<prefix>*"),
        ('read = ["bucket.outputs"]', "access.read: 'bucket.outputs': a bucket needs a path"),
        ('read = ["bucket.outputs/*/x"]', "access.read: 'bucket.outputs/*/x' is not a resource"),
        ('emit = ["Published"]', "access.emit: 'Published' must be dotted lowercase words, such as report.published"),
        (
            'emit = ["c.happened"]',
            "access.emit: 'c.happened' has no contract; events/c.happened/1.schema.json does not exist",
        ),
        *(
            (f'block_public = ["{scope}"]', f"access.block_public: '{scope}' must be a bucket name, or a prefix")
            for scope in BUCKETS
        ),
        (
            'block_public = ["herald-${enf}-*"]',
            "access.block_public: 'herald-${enf}-*': ${enf} is not a placeholder of this key; did you mean 'env'?",
        ),
        (
            'block_public = ["${bucket.outputs}"]',
            "access.block_public: '${bucket.outputs}': ${bucket.outputs} is not a placeholder of this key; there is e",
        ),
        ('block_publi = ["herald-*"]', "unknown key 'block_publi' in [access]; did you mean 'block_public'?"),
    ],
)
def test_wrong_access_is_refused(root: Path, access: str, reason: str) -> None:
    """The message names the file, the key and the fault."""
    declare(root, "welcome", changed("GOOD", f"[access]\n{access}"))
    assert refusal(root).startswith(f"functions/welcome/function.toml: {reason}")
