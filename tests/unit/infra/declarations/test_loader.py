"""Which declarations are refused, with which file, key and words; and what a good one becomes."""

import json
from pathlib import Path
from typing import Any, Final

import pytest

from infra.declarations import loader, resources
from infra.declarations.spec import (
    DeliverySpec,
    FunctionSpec,
    HttpTrigger,
    IotTrigger,
    Resource,
    SenderSpec,
    SpecError,
    Trigger,
)

GOOD: Final = """
description = "Welcome a customer."
owner = "sales-team"

[trigger]
samples = ["customer.created/ada"]
[trigger.pattern]
detail-type = ["customer.created"]
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Make a repository with one sample and one contract, and no function yet."""
    (tmp_path / "functions" / "runtime").mkdir(parents=True)
    for name, content in {
        "customer.created/ada.json": {"detail-type": "customer.created", "source": "crm", "detail": {}},
        "aws.s3/written.json": {
            "source": "aws.s3",
            "detail-type": "Object Created",
            "detail": {"bucket": {"name": "${bucket.outputs}"}, "object": {"key": "in/a"}},
        },
        "aws.iot/reading.json": {"topic": "devices/7/readings", "device": "7", "received_at": 1, "payload": ""},
        "a.happened/1.schema.json": {},
        "b.happened/1.schema.json": {},
        "a.happened/x.json": {"source": "herald.a", "detail-type": "a.happened"},
        "b.happened/x.json": {"source": "herald.b", "detail-type": "b.happened"},
    }.items():
        path = tmp_path / "events" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content), encoding="utf-8")
    return tmp_path


def declare(root: Path, name: str, toml: str) -> None:
    """Add one function's folder."""
    folder = root / "functions" / name
    folder.mkdir()
    (folder / "function.toml").write_text(toml, encoding="utf-8")


def refusal(root: Path) -> str:
    """Return the sentence with which the catalogue refuses."""
    with pytest.raises(SpecError) as refused:
        loader.load(root)
    return str(refused.value)


def test_a_declaration_becomes_a_spec(root: Path) -> None:
    """Keys are fields, what is left out has its default, and a function is named by its folder."""
    declare(root, "welcome", GOOD + '[delivery]\nbatch_size = 1\n[access]\nwrite = ["bucket.artifacts/welcome/*"]')
    (spec,) = loader.load(root)
    assert (spec.name, spec.owner, spec.timeout_seconds) == ("welcome", "sales-team", 30)
    assert spec.delivery == DeliverySpec(max_attempts=5, max_concurrency=10, batch_size=1)
    assert spec.access.write == (Resource("bucket", "artifacts", "welcome/*"),)
    assert spec.buses == ("herald",)


def test_the_bytecode_of_a_function_that_is_gone_is_none(root: Path) -> None:
    """Git leaves it behind where another branch has no such folder: neither a function nor in the way of `formerly`."""
    for folder in ("gone/__pycache__", "gone/providers/__pycache__"):
        (root / "functions" / folder).mkdir(parents=True)
        (root / "functions" / folder / "handler.cpython-313.pyc").touch()
    declare(root, "welcome", GOOD.replace("owner", 'formerly = ["gone"]\nowner'))
    assert [spec.formerly for spec in loader.load(root)] == [("gone",)]
    (root / "functions/gone/handler.py").touch()
    assert refusal(root).startswith("functions/gone/function.toml: there is no such file")


@pytest.mark.parametrize(
    ("find", "put", "reason"),
    [
        ("owner =", "ower =", "unknown key 'ower'; did you mean 'owner'?"),
        ("owner =", "name =", "unknown key 'name'; there are access, delivery, description, "),
        ("samples =", "sample =", "unknown key 'sample' in [trigger]; did you mean 'samples'?"),
        (
            "GOOD",
            "[delivery]\nmax_attempt = 3",
            "unknown key 'max_attempt' in [delivery]; did you mean 'max_attempts'?",
        ),
        ('owner = "sales-team"', "", "owner is missing"),
        ('"sales-team"', "7", "owner must be a text, not 7"),
        (
            '"sales-team"',
            '"Sales Team"',
            "owner: 'Sales Team' must be lower-case words joined by '-': it names a stack",
        ),
        ('"sales-team"', f'"{"x" * 65}"', "owner has 65 characters, more than the 64 that a stack's name has room for"),
        ('"Welcome a customer."', '""', "description is empty"),
        ('"Welcome a customer."', f'"{"x" * 257}"', "description has 257 characters, more than the 256 Lambda takes"),
        ("GOOD", "[delivery]\nbatch_size = 11", "delivery.batch_size is 11; it must lie between 1 and 10"),
        (
            "GOOD",
            "[delivery]\nmax_concurrency = 1",
            "delivery.max_concurrency is 1; it must lie between 2 and 1000, or be 0",
        ),
        ("GOOD", "[delivery]\nbatch_size = true", "delivery.batch_size must be a whole number, not True"),
        ("GOOD", '[delivery]\nfair = "yes"', "delivery.fair must be true or false, not 'yes'"),
        ("GOOD", "[delivery]\nwakes = true", 'delivery.wakes needs order = "newest" in [delivery]'),
        ("GOOD", "[settings]\nQuiet = 1", "settings.Quiet: a setting is named in snake_case"),
        ("GOOD", "[settings]\nquiet = {a = 1}", "settings.quiet must be a number, a text, true or false, or a list"),
        ("GOOD", f"[settings]\nquiet = {'[' * 5_000}", "maximum recursion depth exceeded"),
        ("GOOD", f'[settings]\nquiet = "{"x" * 2_048}"', "settings and access.emit have over 2,048 bytes"),
        (
            "GOOD",
            '[access]\nread = ["topic.notices"]',
            "access.read: 'topic.notices' is a topic; it takes bucket and table",
        ),
        ("GOOD", '[access]\nsend = ["queue.none"]', "access.send: 'queue.none' names an unknown queue"),
        ("GOOD", "delivery = 3", "unknown key 'delivery' in [trigger.pattern]"),
        ("GOOD", '[delivery]\norder = "newer"', "delivery.order"),
        ("GOOD", "[delivery]\nmax_age_seconds = -1", "delivery.max_age_seconds is -1; it must lie between 0 and"),
        ("GOOD", "[delivery]\nbackoff_cap_seconds = 0", "delivery.backoff_cap_seconds is 0; it must lie between 1 and"),
        ('["customer.created/ada"]', "[]", "trigger.samples is empty: name at least one event"),
        (
            '["customer.created/ada"]',
            '"customer.created/ada"',
            "trigger.samples must be a list, not 'customer.created/ada'",
        ),
        ('["customer.created/ada"]', '["customer.created/bob"]', "there is no events/customer.created/bob.json"),
        (
            '["customer.created/ada"]',
            '["../../etc/passwd"]',
            "trigger.samples: '../../etc/passwd' names no file below ev",
        ),
        ('["customer.created/ada"]', '["/etc/passwd"]', "trigger.samples: '/etc/passwd' names no file below events/"),
        ('["customer.created/ada"]', '["a/../../b"]', "trigger.samples: 'a/../../b' names no file below events/"),
        (
            'detail-type = ["customer.created"]',
            'detail-type = ["customer.lost"]',
            "trigger.samples: events/customer.created/ada.json does not match the pattern: detail-type: 'customer.",
        ),
        ('detail-type = ["customer.created"]', "", "trigger: a function has one [trigger.pattern] or"),
        (
            'detail-type = ["customer.created"]',
            'detail-type = ["customer.created"]\n"$or" = [{ detail-type = ["a"] }, { source = ["b"] }]',
            "trigger.pattern: detail-type: the pattern asks for this field twice",
        ),
        ('detail-type = ["customer.created"]', "detail-type = []", "trigger.pattern: detail-type: an empty list"),
        (
            '["customer.created"]\n',
            '["${bucket.output}"]\n',
            "trigger.pattern: ${bucket.output} names an unknown bucket; did you mean 'outputs'?",
        ),
        (
            '["customer.created"]\n',
            '["${outputs}"]\n',
            "trigger.pattern: ${outputs} is no resource; did you mean 'buck",
        ),
        (
            "GOOD",
            '[access]\nread = ["bucket.output/*"]',
            "access.read: 'bucket.output/*' names an unknown bucket; did you mean 'outputs'?",
        ),
        (
            "GOOD",
            '[access]\nread = ["outputs"]',
            "access.read: 'outputs' is not a resource: write bucket.<name>/<prefix>*",
        ),
        ("GOOD", '[access]\nread = ["bucket.outputs"]', "access.read: 'bucket.outputs': a bucket needs a path"),
        ("GOOD", '[access]\nread = ["bucket.outputs/*/x"]', "access.read: 'bucket.outputs/*/x' is not a resource"),
        ("GOOD", '[access]\nemit = ["Published"]', "access.emit: 'Published' must be dotted lower-case words"),
        (
            "GOOD",
            '[access]\nemit = ["c.happened"]',
            "access.emit: 'c.happened' has no contract: there is no events/c.happened/1",
        ),
        *(
            (
                "GOOD",
                f'[access]\nblock_public = ["{scope}"]',
                f"access.block_public: '{scope}' must be a bucket name, or its",
            )
            for scope in (
                "*",
                "a*",
                "ab*",
                "**",
                "her*ld-a",
                "Herald-*",
                "herald-*/x",
                "arn:aws:s3:::herald-*",
                "x" * 64,
                "${env}*",
            )
        ),
        (
            "GOOD",
            '[access]\nblock_public = ["herald-${enf}-*"]',
            "access.block_public: 'herald-${enf}-*': ${enf} is no placeholder here; did you mean 'env'?",
        ),
        (
            "GOOD",
            '[access]\nblock_public = ["${bucket.outputs}"]',
            "access.block_public: '${bucket.outputs}': ${bucket.outputs} is no placeholder here; there is env",
        ),
        (
            "GOOD",
            '[access]\nblock_publi = ["herald-*"]',
            "unknown key 'block_publi' in [access]; did you mean 'block_public'?",
        ),
        *(
            ("owner =", f"formerly = {names}\nowner =", f"formerly: {reason}")
            for names, reason in (
                (
                    '["welcome"]',
                    "'welcome' is its own name; a function that has its first name again needs no formerly",
                ),
                ('["runtime"]', "'runtime' is a folder in functions/: only one that is gone can have been renamed"),
                ('["greet", "greet"]', "'greet' is named twice: a name belongs to one function, once"),
                ('["Greet"]', "the folder name 'Greet' must be snake_case"),
                ('["../greet"]', "the folder name '../greet' must be snake_case"),
                (f'["{"g" * 41}"]', f"the folder name '{'g' * 41}' must be snake_case and have at most 40 characters"),
                ('["class"]', "the folder name 'class' is a word of Python"),
                ('["journal"]', "the folder name 'journal' is taken: the platform has a function of that name"),
            )
        ),
        ("owner =", 'formerly = "greet"\nowner =', "formerly must be a list, not 'greet'"),
        ("owner =", "formerly = [1]\nowner =", "formerly must be a text, not 1"),
        ("owner =", 'formerly = [""]\nowner =', "formerly is empty"),
        ("GOOD", "]", "Invalid statement (at line"),
    ],
)
def test_a_wrong_declaration_is_refused_with_file_and_key(root: Path, find: str, put: str, reason: str) -> None:
    """The sentence names the file, the key, what is wrong and, for a typo, what was meant."""
    declare(root, "welcome", f"{GOOD}\n{put}" if find == "GOOD" and put != "delivery = 3" else GOOD.replace(find, put))
    if put == "delivery = 3":
        (root / "functions" / "welcome" / "function.toml").write_text(f"delivery = 3\n{GOOD}", encoding="utf-8")
        reason = "delivery must be a table, not 3"
    assert refusal(root).startswith(f"functions/welcome/function.toml: {reason}")


@pytest.mark.parametrize("name", ["Welcome", "welcome-customer", "1st", "welcome__customer", "w" * 41, "über"])
def test_a_folder_that_is_not_snake_case_is_refused(root: Path, name: str) -> None:
    """The folder becomes a module and the name of a function, a queue and a rule."""
    declare(root, name, GOOD)
    assert f"the folder name '{name}' must be snake_case" in refusal(root)


def renamed(*names: str) -> str:
    """Return the good declaration of a function that had those names."""
    return f"formerly = {json.dumps(names)}\n{GOOD}"


def test_a_renamed_function_is_known_by_the_first_name_it_had(root: Path) -> None:
    """Its runs and its events are; one that was never renamed has but one name."""
    declare(root, "welcome", renamed("greet", "hello"))
    declare(root, "write", GOOD)
    welcome, write = loader.load(root)
    assert (welcome.first_name, welcome.source) == ("greet", "herald.greet")
    assert (write.first_name, write.source) == ("write", "herald.write")


def test_a_name_that_two_functions_had_is_refused(root: Path) -> None:
    """They would share the keys of their runs, and each take the other's for done."""
    declare(root, "welcome", renamed("greet"))
    declare(root, "write", renamed("post", "greet"))
    assert refusal(root) == (
        "functions/write/function.toml: formerly: 'greet' is named in functions/welcome/function.toml too: "
        "a name belongs to one function, once"
    )


def test_a_former_name_is_not_given_to_another_function(root: Path) -> None:
    """The new folder would take up the runs of the one that had its name."""
    declare(root, "greet", GOOD)
    declare(root, "welcome", renamed("greet"))
    assert refusal(root).startswith("functions/welcome/function.toml: formerly: 'greet' is a folder in functions/")


def test_a_loop_is_found_by_the_source_that_a_renamed_function_keeps(root: Path) -> None:
    """A pattern that names the first name's source takes its events still."""
    pattern = 'trigger.pattern.source = ["herald.a"]\n'
    declare(
        root,
        "echo",
        'formerly = ["a"]\n' + on("a.happened", 'emit = ["a.happened"]').replace("[access]", pattern + "[access]"),
    )
    assert refusal(root).endswith("access.emit 'a.happened' can trigger the function itself: echo → echo")


HTTP: Final = """
description = "Receive."
owner = "o"
[trigger]
samples = ["http/good"]
[trigger.http]
[secrets]
keys = "secret.webhooks"
"""
EMITS: Final = '[access]\nemit = ["a.happened"]'
REQUEST: Final = {
    "version": "2.0",
    "rawPath": "/",
    "headers": {},
    "requestContext": {},
    "body": "",
    "isBase64Encoded": False,
}


@pytest.fixture
def http_root(root: Path) -> Path:
    """Add two requests, of which one lacks its body."""
    (root / "events" / "http").mkdir()
    lacking = {name: value for name, value in REQUEST.items() if name != "body"}
    for name, content in {"good": REQUEST, "bad": lacking}.items():
        (root / "events" / "http" / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
    return root


def test_a_function_that_answers_requests(http_root: Path) -> None:
    """It has limits by default, no bus and no queue, and its secrets by the names it gives them."""
    declare(http_root, "receive", HTTP)
    (spec,) = loader.load(http_root)
    assert spec.trigger.http == HttpTrigger(max_concurrency=10, max_body_kb=256)
    assert (spec.queued, spec.buses) == (False, ())
    assert spec.secrets == {"keys": Resource("secret", "webhooks")}
    assert not spec.has_own_secret


def test_a_function_may_have_a_secret_of_its_own(http_root: Path) -> None:
    """Its declaration alone says so: the platform's resources have none of that name. A typo is told of it."""
    declare(http_root, "receive", HTTP.replace("secret.webhooks", "secret.own"))
    (spec,) = loader.load(http_root)
    assert spec.has_own_secret
    assert "secret.own" not in resources.load()
    declare(http_root, "receive_more", HTTP.replace("secret.webhooks", "secret.owm"))
    assert refusal(http_root).endswith("secrets.keys: 'secret.owm' names an unknown secret; did you mean 'own'?")


@pytest.mark.parametrize(
    ("find", "put", "reason"),
    [
        ("[trigger.http]", "", "trigger: a function has one [trigger.pattern] or [trigger.iot] or [trigger.http]"),
        ("[secrets]", '[trigger.pattern]\nsource = ["a"]\n[secrets]', "trigger: a function has one"),
        ("[secrets]", "[delivery]\nbatch_size = 1\n[secrets]", "delivery: requests do not wait in a queue"),
        ("[trigger.http]", "[trigger.http]\nmax_body_kb = 0", "trigger.http.max_body_kb is 0; it must lie between 1"),
        (
            "[trigger.http]",
            "[trigger.http]\nmax_body = 1",
            "unknown key 'max_body' in [trigger.http]; did you mean 'max_body_kb'?",
        ),
        ("[trigger.http]", "http = 3", "trigger.http must be a table, not 3"),
        ("http/good", "http/none", "there is no events/http/none.json"),
        ("http/good", "http/bad", "trigger.samples: events/http/bad.json is no request: it needs body, headers, is"),
        ('["http/good"]', "[]", "trigger.samples is empty"),
        (
            '"secret.webhooks"',
            '"secret.others"',
            "secrets.keys: 'secret.others' names an unknown secret",
        ),
        ('"secret.webhooks"', '"own"', "secrets.keys: 'own' is not a resource"),
        ('"secret.webhooks"', '"secret.own/x"', "secrets.keys: 'secret.own/x': a bucket needs a path"),
        ('"secret.webhooks"', '"webhooks"', "secrets.keys: 'webhooks' is not a resource"),
        ('"secret.webhooks"', '"topic.notices"', "secrets.keys: 'topic.notices' is a topic; it takes secret"),
        ('"secret.webhooks"', "3", "secrets.keys must be a text, not 3"),
        ("keys =", "Keys =", "secrets.Keys: a secret is named in snake_case"),
    ],
)
def test_a_wrong_declaration_of_requests_or_secrets_is_refused(
    http_root: Path, find: str, put: str, reason: str
) -> None:
    """As above: the sentence names the file and the key."""
    declare(http_root, "receive", HTTP.replace(find, put))
    assert refusal(http_root).startswith(f"functions/receive/function.toml: {reason}")


def test_senders_are_declared_with_what_they_may_say(http_root: Path) -> None:
    """Types of events, and subjects that they have for themselves."""
    senders = 'a = { types = ["a.happened"], subjects = ["a/*", "b/1"] }\n'
    declare(http_root, "receive", f"{HTTP}[trigger.http.senders]\n{senders}{EMITS}")
    (spec,) = loader.load(http_root)
    assert spec.trigger.http
    assert spec.trigger.http.senders == {"a": SenderSpec(types=("a.happened",), subjects=("a/*", "b/1"))}


@pytest.mark.parametrize(
    ("senders", "reason"),
    [
        ("", "access.emit: no sender may cause 'a.happened': name it in types of trigger.http.senders.<sender>"),
        ("a = { types = [] }", "access.emit: no sender may cause 'a.happened'"),
        (
            'a = { types = ["a.happened"], subjects = ["x/1*"] }\nb = { types = ["a.happened"], subjects = ["x/*"] }',
            "trigger.http.senders.b.subjects: 'x/*' overlaps 'x/1*', which 'a' reserves",
        ),
        ("a = 3", "trigger.http.senders.a must be a table, not 3"),
        ("a = {}", "trigger.http.senders.a.types is missing"),
        ("a = { type = [] }", "unknown key 'type' in [trigger.http.senders.a]; did you mean 'types'?"),
        (
            'a = { types = ["a.hapened"] }',
            "trigger.http.senders.a.types: 'a.hapened' is not in access.emit; did you me",
        ),
        ('A = { types = ["a.happened"] }', "trigger.http.senders.A: a sender is named in snake_case"),
        (
            'a = { types = ["a.happened"], subjects = ["*"] }',
            "trigger.http.senders.a.subjects: '*' must be a subject, or its beginning and *",
        ),
    ],
)
def test_a_wrong_declaration_of_senders_is_refused(http_root: Path, senders: str, reason: str) -> None:
    """A type that nobody may cause is one that every sender could have, or none."""
    declare(http_root, "receive", f"{HTTP}[trigger.http.senders]\n{senders}\n{EMITS}")
    assert refusal(http_root).startswith(f"functions/receive/function.toml: {reason}")


def test_who_answers_requests_can_be_part_of_no_loop(http_root: Path) -> None:
    """Nothing on a bus runs it, whatever it emits."""
    declare(http_root, "receive", HTTP + '[trigger.http.senders]\na = { types = ["a.happened"] }\n' + EMITS)
    declare(http_root, "ping", on("a.happened", 'emit = ["b.happened"]'))
    assert len(loader.load(http_root)) == 2


def test_a_folder_without_declaration_is_refused(root: Path) -> None:
    """A function that nobody declared would be silently left out."""
    (root / "functions" / "forgotten").mkdir()
    assert refusal(root).startswith("functions/forgotten/function.toml: there is no such file")


@pytest.mark.parametrize("content", ["not json", "[]"])
def test_a_sample_that_is_no_event_is_refused(root: Path, content: str) -> None:
    """The sentence names the sample's file."""
    (root / "events" / "customer.created" / "ada.json").write_text(content, encoding="utf-8")
    declare(root, "welcome", GOOD)
    assert "events/customer.created/ada.json is not" in refusal(root)


ONE_TRIGGER: Final = "trigger: a function has one [trigger.pattern] or [trigger.iot] or [trigger.http]"
ON_TOPIC: Final = """
description = "Take readings."
owner = "telemetry"

[trigger]
samples = ["aws.iot/reading"]
[trigger.iot]
topic = "devices/+/readings"
"""


def test_a_topic_is_a_trigger(root: Path) -> None:
    """Then no rule of a bus stands for the function, and people are shown the topic."""
    declare(root, "take", ON_TOPIC)
    (spec,) = loader.load(root)
    assert (spec.trigger.iot, spec.trigger.pattern, spec.buses) == (IotTrigger(topic="devices/+/readings"), {}, ())
    assert spec.trigger.asked == {"topic": ["devices/+/readings"]}


@pytest.mark.parametrize(
    ("find", "put", "reason"),
    [
        (
            '[trigger.iot]\ntopic = "devices/+/readings"',
            "",
            f"{ONE_TRIGGER}, and here is none, or an empty one",
        ),
        (
            "[trigger.iot]",
            'pattern.detail-type = ["a"]\n[trigger.iot]',
            f"{ONE_TRIGGER}, and here is [trigger.pattern] and [tr",
        ),
        ('topic = "devices/+/readings"', "", "trigger.iot.topic is missing"),
        ('topic = "devices/+/readings"', 'topic = ""', "trigger.iot.topic is empty"),
        ('topic = "devices/+/readings"', "topic = 7", "trigger.iot.topic must be a text, not 7"),
        ("topic =", "topics =", "unknown key 'topics' in [trigger.iot]; did you mean 'topic'?"),
        ("[trigger.iot]", "[trigger.iott]", "unknown key 'iott' in [trigger]; did you mean 'iot'?"),
        ("devices/+/readings", "$aws/+/readings", "trigger.iot.topic: '$aws/+/readings': topics that begin with '$'"),
        ("devices/+/readings", "devices/#/+", "trigger.iot.topic: 'devices/#/+': '#' may only be the last level"),
        (
            "devices/+/readings",
            "machines/+/readings",
            "trigger.samples: events/aws.iot/reading.json has no 'topic' that 'machines/+/readings' matches, or not",
        ),
        (
            "devices/+/readings",
            "+/7/readings",
            "trigger.samples: events/aws.iot/reading.json has no 'topic' that '+/7/readings' matches, or not its 'd",
        ),
        ("aws.iot/reading", "customer.created/ada", "trigger.samples: events/customer.created/ada.json has no 'topic'"),
        ('["aws.iot/reading"]', "[]", "trigger.samples is empty"),
    ],
)
def test_a_wrong_topic_is_refused_with_file_and_key(root: Path, find: str, put: str, reason: str) -> None:
    """None or several triggers, a filter that is none, a sample that it does not match."""
    assert find in ON_TOPIC
    declare(root, "take", ON_TOPIC.replace(find, put))
    assert refusal(root).startswith(f"functions/take/function.toml: {reason}")


def test_an_emit_does_not_reach_a_topic(root: Path) -> None:
    """What comes by a topic cannot be run by an event of its own."""
    declare(root, "take", ON_TOPIC + '[access]\nemit = ["a.happened"]\nwrite = ["bucket.outputs/*"]')
    assert [spec.name for spec in loader.load(root)] == ["take"]


def on(event_type: str, access: str) -> str:
    """Declare a function on one of the two types of these tests."""
    return f"""
description = "d"
owner = "o"
trigger.samples = ["{event_type}/x"]
trigger.pattern.detail-type = ["{event_type}"]
[access]
{access}
"""


def on_objects(key: str, access: str) -> str:
    """Declare a function on objects whose keys match."""
    return f"""
description = "d"
owner = "o"
trigger.samples = ["aws.s3/written"]
[trigger.pattern]
source = ["aws.s3"]
detail.bucket.name = ["${{bucket.outputs}}"]
detail.object.key = [{key}]
[access]
{access}
"""


def test_an_emit_that_triggers_the_function_itself_is_refused(root: Path) -> None:
    """The sentence names the file, the key and the way round."""
    declare(root, "echo", on("a.happened", 'emit = ["a.happened"]'))
    assert refusal(root) == (
        "functions/echo/function.toml: access.emit 'a.happened' can trigger the function itself: echo → echo"
    )


def test_a_loop_through_others_is_refused(root: Path) -> None:
    """Every step stands in the sentence."""
    declare(root, "ping", on("a.happened", 'emit = ["b.happened"]'))
    declare(root, "pong", on("b.happened", 'emit = ["a.happened"]'))
    assert refusal(root).endswith("access.emit 'b.happened' can trigger the function itself: ping → pong → ping")


@pytest.mark.parametrize(
    ("key", "write"),
    [
        ('{ prefix = "in/" }', "bucket.outputs/in/*"),
        ('{ prefix = "in/" }', "bucket.outputs/i*"),
        ('{ prefix = "in/" }', "bucket.outputs/in/done/*"),
        ('"in/a"', "bucket.outputs/in/*"),
        ('{ suffix = "a" }', "bucket.outputs/done/*"),
    ],
)
def test_a_write_that_may_trigger_the_function_itself_is_refused(root: Path, key: str, write: str) -> None:
    """Prefixes that overlap either way, an exact key below one, and every operator that cannot be ruled out."""
    declare(root, "move", on_objects(key, f'write = ["{write}"]'))
    assert f"access.write '{write}' can trigger the function itself: move → move" in refusal(root)


@pytest.mark.parametrize("write", ["bucket.outputs/done/*", "bucket.artifacts/in/*", "bucket.outputs/in"])
def test_a_write_beside_the_trigger_is_fine(root: Path, write: str) -> None:
    """Another prefix, another bucket, a key that is no match."""
    declare(root, "move", on_objects('{ prefix = "in/" }', f'write = ["{write}"]'))
    assert [spec.name for spec in loader.load(root)] == ["move"]


def test_a_chain_is_no_loop(root: Path) -> None:
    """One function may run the next."""
    declare(root, "ping", on("a.happened", 'emit = ["b.happened"]'))
    declare(root, "pong", on("b.happened", ""))
    assert len(loader.load(root)) == 2


@pytest.mark.parametrize(
    ("source", "buses"),
    [
        (["aws.s3"], ("default",)),
        ([{"prefix": "aws."}], ("default",)),
        (["shop"], ("herald",)),
        ([{"anything-but": "shop"}], ("herald",)),
        (["aws.s3", "shop"], ("default", "herald")),
    ],
)
def test_the_source_decides_the_bus(source: list[Any], buses: tuple[str, ...]) -> None:
    """What starts with aws. comes on the default bus, everything else on the bus herald."""
    pattern = {"source": source}
    spec = FunctionSpec(name="f", description="d", owner="o", trigger=Trigger(samples=("s",), pattern=pattern))
    assert spec.buses == buses


def test_settings_and_types_share_the_environment(root: Path) -> None:
    """Lambda would refuse them only when they are deployed."""
    types = [f"thing{number}.{'x' * 40}" for number in range(45)]
    for name in types:
        (root / "events" / name).mkdir()
        (root / "events" / name / "1.schema.json").write_text("{}", encoding="utf-8")
    declare(root, "welcome", f"{GOOD}[access]\nemit = {json.dumps(types)}")
    assert "settings and access.emit have over 2,048 bytes" in refusal(root)
