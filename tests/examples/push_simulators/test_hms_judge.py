"""Push Kit's rules, each broken once by a message that was right before."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from attrs import evolve

from examples.push_simulators.credentials import HMS_ACCOUNT, HMS_APP, HMS_PROJECT
from examples.push_simulators.devices import Device
from examples.push_simulators.exchange import Request, Verdict
from examples.push_simulators.hms.credentials import AUDIENCE
from procall_mobility.protocols.push.credentials import private_key
from procall_mobility.protocols.push.json_web_tokens import ps256, rs256
from tests.examples.push_simulators.developer import NOW, Developer

DEVICE, OTHER = "H" * 130, "I" * 130
ANDROID = {"urgency": "HIGH", "ttl": "60s", "category": "VOIP"}
MESSAGE = {"data": '{"id":"1"}', "android": ANDROID, "token": [DEVICE]}
HARMONY = {
    "payload": {"extraData": '{"id":"2"}'},
    "pushOptions": {"ttl": 60},
    "target": {"token": [DEVICE]},
}


def code(verdict: Verdict) -> str:
    return str(json.loads(verdict.reply.body)["code"])


def asks_token(developer: Developer, **changed: str) -> Verdict:
    form = {
        "grant_type": "client_credentials",
        "client_id": HMS_APP,
        "client_secret": developer.files.hms_secret.read_text(),
    }
    kind = ("content-type", "application/x-www-form-urlencoded")
    body = urlencode({**form, **changed}).encode()
    asked = Request(method="POST", path="/oauth2/v3/token", headers=(kind,), body=body)
    return developer.sends("hms", asked)


def android(developer: Developer, message: object, app: str = HMS_APP) -> Request:
    token = json.loads(asks_token(developer).reply.body)["access_token"]
    return Request(
        method="POST",
        path=f"/v1/{app}/messages:send",
        headers=(("authorization", f"Bearer {token}"), ("content-type", "application/json")),
        body=json.dumps({"message": message}).encode(),
    )


def harmony(developer: Developer, said: object = HARMONY, kind: str = "10", **changed: Any) -> Any:
    account = json.loads(developer.files.hms_account.read_bytes())
    key: Any = private_key(account["private_key"].encode())
    alg = changed.pop("alg", ps256)
    claims = {"iss": HMS_ACCOUNT, "aud": AUDIENCE, "iat": int(NOW), "exp": int(NOW) + 3600}
    token = alg(key).token({**claims, **changed}, {"kid": account["key_id"]})
    return Request(
        method="POST",
        path=f"/v3/{HMS_PROJECT}/messages:send",
        headers=(
            ("authorization", f"Bearer {token}"),
            ("content-type", "application/json"),
            ("push-type", kind),
        ),
        body=json.dumps(said).encode(),
    )


def test_a_right_message_is_taken(developer: Developer) -> None:
    verdict = developer.sends("hms", android(developer, MESSAGE))
    assert (code(verdict), verdict.reply.status) == ("80000000", 200)
    assert (verdict.tokens, verdict.id, verdict.remarks) == ((DEVICE,), "1", ())


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"token": []}, "80100001"),
        ({"token": [DEVICE] * 1001}, "80300010"),
        ({"data": "x" * 4097}, "80300008"),
        ({"data": {"id": "1"}}, "80100003"),
        ({"data": ""}, "80100003"),
        ({"to": DEVICE}, "80100003"),
        ({"android": {"ttl": "0s"}}, "80100001"),
        ({"android": {"ttl": "1296001s"}}, "80100001"),
        ({"android": {"ttl": 60}}, "80100001"),
        ({"android": {"urgency": "high"}}, "80100001"),
        ({"android": {"collapse_key": 101}}, "80100013"),
        ({"android": {"collapseKey": 1}}, "80100003"),
        ({"android": 1}, "80100003"),
        ({"android": {"notification": {"title": "x"}}}, "80100003"),
        ({"android": {"notification": {"title": "x", "body": "y"}}}, "80100003"),
    ],
)
def test_a_wrong_message_is_refused_by_its_code(
    developer: Developer, changed: dict[str, Any], expected: str
) -> None:
    verdict = developer.sends("hms", android(developer, {**MESSAGE, **changed}))
    assert code(verdict) == expected
    assert verdict.refusal.startswith(expected)


def test_the_devices_tokens_do_not_count_into_the_size(developer: Developer) -> None:
    many = [f"{number:0130}" for number in range(1000)]
    assert (
        code(developer.sends("hms", android(developer, {**MESSAGE, "token": many}))) == "80000000"
    )


def test_some_dead_tokens_are_told_by_name(developer: Developer) -> None:
    """`msg` is JSON in a text."""
    developer.judges.by_name["hms"].devices.register(Device(token=OTHER, gone=NOW))
    both = developer.sends("hms", android(developer, {**MESSAGE, "token": [DEVICE, OTHER]}))
    assert code(both) == "80100000"
    assert json.loads(json.loads(both.reply.body)["msg"]) == {
        "success": 1,
        "failure": 1,
        "illegal_tokens": [OTHER],
    }
    alone = developer.sends("hms", android(developer, {**MESSAGE, "token": [OTHER]}))
    assert code(alone) == "80300007"


def test_an_access_token_ends_and_belongs_to_its_application(developer: Developer) -> None:
    elsewhere = android(developer, MESSAGE, app="999")
    assert code(developer.sends("hms", elsewhere)) == "80300002"
    right = android(developer, MESSAGE)
    developer.now += 3601
    assert code(developer.sends("hms", right)) == "80200003"


@pytest.mark.parametrize(
    "changed",
    [{"client_secret": "x"}, {"client_id": "x"}, {"grant_type": "password"}],
)
def test_wrong_credentials_get_no_access_token(
    developer: Developer, changed: dict[str, str]
) -> None:
    verdict = asks_token(developer, **changed)
    assert (verdict.reply.status, verdict.is_push) == (400, False)
    assert "access_token" not in json.loads(verdict.reply.body)


def test_harmonyos_takes_what_the_account_has_signed(developer: Developer) -> None:
    verdict = developer.sends("hms", harmony(developer))
    assert (code(verdict), verdict.id, verdict.tokens) == ("80000000", "2", (DEVICE,))


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"alg": rs256}, "80200001"),
        ({"iss": "somebody"}, "80200001"),
        ({"aud": "https://example.com"}, "80200001"),
        ({"iat": int(NOW) + 3600, "exp": int(NOW) + 7200}, "80200001"),
        ({"exp": int(NOW) + 86_401}, "80300036"),
        ({"iat": int(NOW) - 7200, "exp": int(NOW) - 1}, "80200005"),
    ],
)
def test_a_wrong_signed_token_is_refused_by_its_code(
    developer: Developer, changed: dict[str, Any], expected: str
) -> None:
    assert code(developer.sends("hms", harmony(developer, **changed))) == expected


@pytest.mark.parametrize(
    ("changed", "kind", "expected"),
    [
        ({}, "11", "80100001"),
        ({"payload": {}}, "10", "80100003"),
        ({"payload": {"notification": {"title": "x"}}}, "0", "80100003"),
        ({"pushOptions": {"ttl": 0}}, "10", "80100001"),
        ({"pushOptions": {"ttl": "60s"}}, "10", "80100001"),
        ({"message": {}}, "10", "80100003"),
    ],
)
def test_a_wrong_message_to_harmonyos_is_refused(
    developer: Developer, changed: dict[str, Any], kind: str, expected: str
) -> None:
    verdict = developer.sends("hms", harmony(developer, {**HARMONY, **changed}, kind))
    assert code(verdict) == expected


def test_other_paths_and_methods_are_not_there(developer: Developer) -> None:
    right = android(developer, MESSAGE)
    for changed in ({"path": "/v2/1/messages:send"}, {"method": "GET"}):
        assert developer.sends("hms", evolve(right, **changed)).reply.status == 404


def test_urgency_without_a_right_to_it_is_remarked(developer: Developer) -> None:
    urgent = {**MESSAGE, "android": {"urgency": "HIGH", "ttl": "60s"}}
    assert developer.sends("hms", android(developer, urgent)).remarks
