"""Signatures: what the providers published verifies, and nothing else does."""

import base64
import hmac
from collections.abc import Mapping
from typing import Any

import pytest

from functions.receive_webhook.handler import PROVIDERS
from functions.runtime.core.errors import MalformedError
from functions.runtime.http.signatures import KeysError, RawRequest, SignedContent, check_age, is_authentic
from infra.declarations import loader
from tests.webhooks import KEYS, NOW, generic, github, stripe


def verifies(provider: str, headers: Mapping[str, str], body: bytes, keys: Any = None) -> bool:  # noqa: ANN401 - JSON
    """Judge a call by the published keys, or by others."""
    call = RawRequest(headers={name.lower(): value for name, value in headers.items()}, body=body)
    secret = KEYS if keys is None else {provider: keys}
    return is_authentic(PROVIDERS[provider].signed_content(call), [secret], provider, PROVIDERS[provider].key)


def test_signatures_are_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of them with what each key makes, by what hmac has for it; a look at the clock tells a forger nothing."""
    compared: list[bytes] = []

    def compare(_expected: bytes, given: bytes) -> bool:
        compared.append(given)
        return False

    monkeypatch.setattr(hmac, "compare_digest", compare)
    signed_content = SignedContent(content=b"body", signatures=(b"first", b"second"))
    assert not is_authentic(signed_content, [{"generic": ["a", "b"]}], "generic", str.encode)
    assert compared == [b"first", b"second"] * 2


def test_githubs_published_example_verifies() -> None:
    """Source: "Testing the webhook payload validation" in "Validating webhook deliveries", GitHub Docs."""
    signature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    assert verifies("github", {"X-Hub-Signature-256": signature}, b"Hello, World!")


def test_stripes_published_example_verifies() -> None:
    """Source: EventUtilityTest.cs and event_test_signature.json of stripe-dotnet; Stripe's manual has no whole example.

    It is a sample in events/ too, with the v0 signature that must be passed over.
    """
    event = loader.sample("http/stripe.customer_created")
    header = event["headers"]["stripe-signature"]
    assert header.startswith("t=1533204620,v1=2220f87ef101a04665f11cdf770523143f875572008577fa0f20882ddb9cc3c7,v0=")
    assert verifies("stripe", {"Stripe-Signature": header}, event["body"].encode())


def test_the_example_of_standard_webhooks_verifies() -> None:
    """Source: the tests of its reference implementations; the specification has an example without its key."""
    headers = {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }
    assert verifies("generic", headers, b'{"test": 2432232314}')


@pytest.mark.parametrize(("provider", "sign"), [("github", github), ("stripe", stripe), ("generic", generic)])
def test_a_changed_byte_or_another_key_does_not_verify(provider: str, sign: Any) -> None:  # noqa: ANN401 - three signers
    """The body as signed verifies; one byte more, another key, no key at all and an empty one do not."""
    body = b'{"a": 1}'
    assert verifies(provider, sign(body), body)
    assert not verifies(provider, sign(body), body + b" ")
    other = "whsec_" + base64.b64encode(b"k" * 24).decode()
    assert not verifies(provider, sign(body), body, [other])
    for nothing in ([], [""]):
        assert not verifies(provider, sign(body), body, nothing)
        assert not verifies(provider, sign(body, ""), body, nothing)


@pytest.mark.parametrize(("provider", "sign"), [("github", github), ("stripe", stripe), ("generic", generic)])
def test_two_keys_are_valid_at_once(provider: str, sign: Any) -> None:  # noqa: ANN401 - three signers
    """While a key is rotated, what either made verifies."""
    old, new = KEYS[provider][0], "whsec_" + base64.b64encode(b"n" * 24).decode()
    for key in (old, new):
        assert verifies(provider, sign(b"{}", key), b"{}", [old, new])


def test_one_of_several_signatures_is_enough() -> None:
    """Stripe and Standard Webhooks sign with both keys while one is rotated, and in schemes that are no concern."""
    time, v1 = stripe(b"{}")["Stripe-Signature"].split(",")
    assert verifies("stripe", {"Stripe-Signature": f"{time}, v0=aa, v1={'00' * 32}, {v1}"}, b"{}")
    headers = generic(b"{}")
    several = f"v1a,AAAA v1,{base64.b64encode(bytes(32)).decode()} {headers['webhook-signature']}"
    assert verifies("generic", headers | {"webhook-signature": several}, b"{}")


@pytest.mark.parametrize(
    ("provider", "headers"),
    [
        ("github", {}),
        ("github", {"X-Hub-Signature-256": "757107ea"}),
        ("github", {"X-Hub-Signature-256": "sha1=757107ea"}),
        ("github", {"X-Hub-Signature-256": "sha256=757107eü"}),
        ("github", {"X-Hub-Signature-256": "sha256="}),
        ("github", {"X-Hub-Signature-256": "sha256=" + "00" * 1_000}),
        ("stripe", {}),
        ("stripe", {"Stripe-Signature": "v1=00"}),
        ("stripe", {"Stripe-Signature": "t=1,v0=00"}),
        ("stripe", {"Stripe-Signature": "t=1,t=2,v1=00"}),
        ("stripe", {"Stripe-Signature": "t=²,v1=00"}),
        ("stripe", {"Stripe-Signature": f"t={'9' * 400},v1=00"}),
        ("generic", {}),
        ("generic", generic(b"") | {"webhook-signature": "v2,AAAA"}),
        ("generic", generic(b"") | {"webhook-signature": "v1,no base64"}),
        ("generic", generic(b"") | {"webhook-timestamp": "1e9"}),
        ("generic", generic(b"") | {"webhook-id": "msg.1"}),
    ],
)
def test_a_header_that_is_no_signature_is_named(provider: str, headers: dict[str, str]) -> None:
    """It is malformed, which the sender may be told: nothing was compared yet."""
    call = RawRequest(headers={name.lower(): value for name, value in headers.items()}, body=b"")
    with pytest.raises(MalformedError, match=r"^the header [\w-]+ "):
        PROVIDERS[provider].signed_content(call)


@pytest.mark.parametrize("keys", ["abc", {}, [1], ["a", "b", "c"], None])
@pytest.mark.parametrize("provider", ["github", "generic"])
def test_keys_that_are_none_are_refused_without_being_quoted(provider: str, keys: Any) -> None:  # noqa: ANN401 - JSON
    """A text is not a list of its letters, and a third key is one that somebody forgot to remove."""
    signed = github(b"{}") if provider == "github" else generic(b"{}")
    call = RawRequest(headers={name.lower(): value for name, value in signed.items()}, body=b"{}")
    signed_content = PROVIDERS[provider].signed_content(call)
    with pytest.raises(KeysError, match=f"the keys of {provider} are not a list of at most 2 texts"):
        is_authentic(signed_content, [{provider: keys}], provider, PROVIDERS[provider].key)


@pytest.mark.parametrize("wrong", [0, 1])
def test_keys_that_are_none_do_not_hide_those_of_another_version(wrong: int) -> None:
    """Who one version proves genuine is; who none does may be so by the keys that cannot be read."""
    signed_content = PROVIDERS["github"].signed_content(
        RawRequest(headers={"x-hub-signature-256": github(b"{}")["X-Hub-Signature-256"]}, body=b"{}")
    )
    versions: list[Any] = [KEYS, KEYS]
    versions[wrong] = {"github": "a text"}
    assert is_authentic(signed_content, versions, "github", PROVIDERS["github"].key)
    versions[1 - wrong] = {"github": ["another"]}
    with pytest.raises(KeysError):
        is_authentic(signed_content, versions, "github", PROVIDERS["github"].key)


@pytest.mark.parametrize("key", ["whsec_short", "whsec_c2hvcnQ=", "whsec_ü"])
def test_a_key_that_its_scheme_cannot_have_is_refused(key: str) -> None:
    """Standard Webhooks wants base64 of 24 bytes at least; what is wrong is said without the key."""
    with pytest.raises(KeysError) as refused:
        verifies("generic", generic(b"{}"), b"{}", [key])
    assert str(refused.value) == "a key of generic is not valid in its signature scheme"
    assert refused.value.__cause__ is refused.value.__context__ is None


@pytest.mark.parametrize(("age", "accepted"), [(0, True), (300, True), (301, False), (-300, True), (-301, False)])
def test_what_was_signed_long_ago_is_refused(age: int, *, accepted: bool) -> None:
    """Five minutes either way: recorded calls cannot be sent again later, and clocks may differ."""
    signed_content = SignedContent(content=b"", signatures=(), signed_at=NOW - age)
    if accepted:
        check_age(signed_content, NOW)
    else:
        with pytest.raises(MalformedError, match="the signature was made more than 300 s before or after now"):
            check_age(signed_content, NOW)


def test_a_scheme_without_a_time_has_no_age() -> None:
    """GitHub signs none."""
    check_age(SignedContent(content=b"", signatures=()), NOW)
