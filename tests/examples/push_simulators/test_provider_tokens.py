"""Whose tokens APNs takes, how old they may be, and how often they may change."""

from typing import Any

import pytest
from attrs import evolve
from cryptography.hazmat.primitives.asymmetric import ec

from examples.push_simulators.apns.provider_tokens import UPDATE_EVERY, ProviderTokens, SigningKey
from examples.push_simulators.exchange import Visit
from procall_mobility.protocols.push.json_web_tokens import es256

NOW = 1_900_000_000.0
KEY = ec.generate_private_key(ec.SECP256R1())
OTHER = ec.generate_private_key(ec.SECP256R1())


def signing_key(key_id: str = "KEY0000001", team: str = "TEAM000001", **more: Any) -> SigningKey:
    key = OTHER if key_id.endswith("2") else KEY
    return SigningKey(id=key_id, team=team, public=key.public_key(), **more)


@pytest.fixture
def tokens() -> ProviderTokens:
    made = ProviderTokens()
    made.add([signing_key()])
    return made


def token(
    issued: float = NOW, kid: str = "KEY0000001", team: str = "TEAM000001", key: Any = KEY
) -> str:
    return "bearer " + es256(key).token({"iss": team, "iat": int(issued)}, {"kid": kid})


def check(
    tokens: ProviderTokens, text: str, *, visit: Visit | None = None, at: float = NOW
) -> Any:
    found = tokens.check(text, visit or Visit(1), "production", at)
    return found if isinstance(found, str) else found.id


def test_a_right_token_is_its_keys(tokens: ProviderTokens) -> None:
    assert check(tokens, token()) == "KEY0000001"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (token(NOW - 3601), "ExpiredProviderToken"),
        (token(NOW + 61), "InvalidProviderToken"),
        (token(kid="UNKNOWN001"), "InvalidProviderToken"),
        (token(team="TEAM000002"), "InvalidProviderToken"),
        (token(key=OTHER), "InvalidProviderToken"),
        (token()[:-4] + "AAAA", "InvalidProviderToken"),
        (token().replace(".", ",", 1), "InvalidProviderToken"),
        ("bearer ", "MissingProviderToken"),
        ("", "MissingProviderToken"),
    ],
)
def test_a_wrong_token_is_refused(tokens: ProviderTokens, text: str, expected: str) -> None:
    assert check(tokens, text) == expected


@pytest.mark.parametrize("alg", ["none", "HS256", "RS256"])
def test_no_other_algorithm_will_do(tokens: ProviderTokens, alg: str) -> None:
    signer = evolve(es256(KEY), algorithm=alg)
    text = signer.token({"iss": "TEAM000001", "iat": int(NOW)}, {"kid": "KEY0000001"})
    assert check(tokens, f"bearer {text}") == "InvalidProviderToken"


def test_a_token_is_good_for_an_hour(tokens: ProviderTokens) -> None:
    text = token()
    assert check(tokens, text) == "KEY0000001"
    assert check(tokens, text, at=NOW + 3600) == "KEY0000001"
    assert check(tokens, text, at=NOW + 3601) == "ExpiredProviderToken"


def test_a_new_token_within_20_minutes_is_one_too_many(tokens: ProviderTokens) -> None:
    """The one before goes on being good."""
    first, second = token(), token(NOW + 1)
    assert check(tokens, first) == "KEY0000001"
    soon = NOW + UPDATE_EVERY - 1
    assert check(tokens, second, at=soon) == "TooManyProviderTokenUpdates"
    assert check(tokens, first, at=soon) == "KEY0000001"
    assert check(tokens, second, at=NOW + UPDATE_EVERY) == "KEY0000001"


def test_two_keys_of_a_team_are_renewed_independently(tokens: ProviderTokens) -> None:
    tokens.add([signing_key("KEY0000002")])
    visit = Visit(1)
    assert check(tokens, token(), visit=visit) == "KEY0000001"
    assert check(tokens, token(kid="KEY0000002", key=OTHER), visit=visit) == "KEY0000002"


def test_a_connection_belongs_to_its_first_team(tokens: ProviderTokens) -> None:
    tokens.add([signing_key("KEY0000002", "TEAM000002")])
    other = token(kid="KEY0000002", team="TEAM000002", key=OTHER)
    visit = Visit(1)
    assert check(tokens, token(), visit=visit) == "KEY0000001"
    assert check(tokens, other, visit=visit) == "InvalidProviderToken"
    assert check(tokens, other, visit=Visit(2)) == "KEY0000002"


def test_a_key_for_some_topics_has_its_connections_alone(tokens: ProviderTokens) -> None:
    tokens.add([signing_key("KEY0000002", topics=("example.demo",))])
    visit = Visit(1)
    assert check(tokens, token(), visit=visit) == "KEY0000001"
    narrow = token(kid="KEY0000002", key=OTHER)
    assert check(tokens, narrow, visit=visit) == "UnrelatedKeyIdInToken"


def test_a_key_for_one_environment_is_for_that_alone(tokens: ProviderTokens) -> None:
    tokens.add([signing_key(environments=("sandbox",))])
    assert check(tokens, token()) == "BadEnvironmentKeyIdInToken"


def test_a_revoked_key_is_nobodys(tokens: ProviderTokens) -> None:
    text = token()
    assert check(tokens, text) == "KEY0000001"
    tokens.revoke("KEY0000001")
    assert check(tokens, text) == "InvalidProviderToken"
