"""What the tests of this function share: from the content of a dataset to its profile."""

import io
from typing import Any

from functions.profile_dataset.logic import describe
from functions.profile_dataset.survey import survey


def profile(content: bytes | str) -> dict[str, Any]:
    """Return the profile of a dataset; a text is written as UTF-8."""
    data = content.encode() if isinstance(content, str) else content
    return describe(survey(io.BytesIO(data)), "s3://outputs/datasets/a.csv")


def column(*cells: str) -> dict[str, Any]:
    """Return the profile of one column of such cells, none of which needs quotes."""
    (found,) = profile("\n".join(["c", *(cell or '""' for cell in cells)]))["columns"]
    assert isinstance(found, dict)
    return found
