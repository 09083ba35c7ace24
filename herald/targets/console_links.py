"""Reads links of the AWS console: of an S3 object, a log group, a function, a queue and a trace.

AWS does not document the forms of its links. The links in the tests are written by hand in the known forms.
"""

import re
from typing import Final
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from functions.runtime.core.s3_uri import S3Uri
from herald.errors import CommandError
from herald.targets import arns
from herald.targets.target import ACCEPTED, Target

CONSOLE: Final = re.compile(r"([a-z0-9-]+\.)*console\.(aws\.amazon\.com|amazonaws-us-gov\.com|amazonaws\.cn)")
# The address of an object, as the S3 console shows it. Source: "Methods for accessing a general purpose bucket", Amazon
# S3 User Guide.
OBJECT_URL: Final = re.compile(r"(?P<bucket>[a-z0-9][a-z0-9.-]+)\.s3[.-]([a-z0-9-]+\.)?amazonaws\.com(\.cn)?")
S3_OBJECT: Final = "/s3/object/"
GROUP: Final = re.compile(rf"log-group/{arns.LOG_GROUP}(?P<name>[^/?]+)")
FILTER: Final = re.compile(r"""filterPattern=[^&]*?"(?P<word>[^"&]+)\"""")
FUNCTION: Final = re.compile(r"/functions/(?P<name>[A-Za-z0-9_-]+)")
QUEUE: Final = re.compile(r"/queues/.*/(?P<name>[A-Za-z0-9_-]+)")
TRACE: Final = re.compile(r"traces/1-[0-9a-f]")


def read(link: str, environment: str) -> Target:
    """Return the object, the id or the function of a link. CommandError: it has none of them."""
    parts = urlsplit(link)
    address = OBJECT_URL.fullmatch(parts.netloc)
    if address:
        return Target(subject=str(S3Uri(address["bucket"], unquote(parts.path[1:]))))
    if not CONSOLE.fullmatch(parts.netloc):
        raise CommandError(f"{link} is not a link of the AWS console. {ACCEPTED}")
    if parts.path.startswith(S3_OBJECT):
        return _object(parts, link)
    return _in_fragment(_decoded(parts.fragment), link, environment)


def _object(parts: SplitResult, link: str) -> Target:
    """Return the object of a link of the S3 console; the parameter `prefix` has the key."""
    key = parse_qs(parts.query).get("prefix", [""])[0]
    if not key:
        raise CommandError(f"{link} is a link of the S3 console without an object: its parameter prefix is missing")
    return Target(subject=str(S3Uri(unquote(parts.path.removeprefix(S3_OBJECT)), key)))


def _in_fragment(fragment: str, link: str, environment: str) -> Target:
    """Return the id that a link of CloudWatch Logs filters by, otherwise the function of a link."""
    if TRACE.search(fragment):
        raise CommandError(
            "the link names a trace of X-Ray, which has no subject: open it, and copy the annotation event_id or "
            "correlation_id of one of its segments"
        )
    word = FILTER.search(fragment)
    if word:
        return Target(word=word["word"])
    for pattern in (GROUP, FUNCTION, QUEUE):
        found = pattern.search(fragment)
        if found:
            return arns.function_of(found["name"], environment)
    raise CommandError(f"{link} is a link of the AWS console, but not of an object, a function or its log. {ACCEPTED}")


def _decoded(fragment: str) -> str:
    """Return a fragment as plain text: CloudWatch encodes it twice, the second time with `$` for `%`."""
    return unquote(unquote(fragment.replace("$", "%")))
