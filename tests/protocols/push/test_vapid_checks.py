"""VAPID from the receiver's side: RFC 8292 sections 2 and 4.2."""

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procall_mobility.protocols.push.json_web_tokens import es256
from procall_mobility.protocols.push.vapid import Vapid, vapid_key
from procall_mobility.protocols.push.vapid_checks import (
    LONGEST,
    LONGEST_LIFE,
    SKEW,
    proves,
    sender_key,
)
from tests.protocols.push.pushes import UNIX, ec_key
from tests.protocols.push.web_push_vectors import AS_PRIVATE, VAPID_KEY, VAPID_TOKEN

ORIGIN = "https://push.example.net"
VAPID_AT = 1_453_500_000.0
"""Within the life of the example."""

OURS = Vapid(ec_key(), "mailto:push@example.com")


def field(header: dict[str, Any] | None = None, **claims: Any) -> str:
    """Sign what a sender might say."""
    said = {"aud": ORIGIN, "exp": int(UNIX) + 3600, **claims}
    said = {name: value for name, value in said.items() if value is not None}
    return f"vapid t={es256(ec_key()).token(said, header or {})},k={OURS.public_key}"


def test_the_example_of_the_rfc_proves_its_sender() -> None:
    """RFC 8292 section 2.4."""
    shown = f"vapid t={VAPID_TOKEN},k={VAPID_KEY}"
    assert proves(shown, VAPID_KEY, ORIGIN, VAPID_AT)
    assert not proves(shown, OURS.public_key, ORIGIN, VAPID_AT)
    assert not proves(shown, VAPID_KEY, "https://other.example.net", VAPID_AT)


def test_what_we_sign_ourselves_is_taken() -> None:
    assert proves(OURS.authorization(ORIGIN, UNIX), OURS.public_key, ORIGIN, UNIX)


@pytest.mark.parametrize(
    "shown",
    [
        field().replace(",", ", "),
        field().replace("vapid ", "VAPID  "),
        "vapid " + ",".join(reversed(field().removeprefix("vapid ").split(","))),
    ],
    ids=range(3),
)
def test_spaces_letter_case_and_order_mean_nothing(shown: str) -> None:
    """RFC 9110 section 11.4."""
    assert proves(shown, OURS.public_key, ORIGIN, UNIX)


@pytest.mark.parametrize(
    ("life", "is_good"),
    [
        (-SKEW, False),
        (-SKEW + 1, True),
        (LONGEST_LIFE + SKEW, True),
        (LONGEST_LIFE + SKEW + 1, False),
    ],
)
def test_a_token_lives_a_day_at_most(life: int, *, is_good: bool) -> None:
    shown = field(exp=int(UNIX) + life)
    assert proves(shown, OURS.public_key, ORIGIN, UNIX) is is_good


@pytest.mark.parametrize(
    "shown",
    [
        field(exp=None),
        field(exp=True),
        field(exp=str(int(UNIX) + 60)),
        field(aud=None),
        field(aud=[ORIGIN]),
        field({"alg": "HS256"}),
        field({"alg": "none"}),
        field().replace(",k=", "x,k="),
        field().replace("vapid", "WebPush"),
        field().partition(",")[0],
        f"vapid k={OURS.public_key}",
        f"vapid t=a.b.,k={OURS.public_key}",
        f"vapid t=a.b.{'A' * 86},k={OURS.public_key}",
        field().ljust(LONGEST + 1, "x"),
        "vapid",
        "Bearer x",
        "",
    ],
    ids=range(17),
)
def test_everything_else_proves_nothing(shown: str) -> None:
    assert not proves(shown, OURS.public_key, ORIGIN, UNIX)


@pytest.mark.parametrize("said", ["[1]", "{", "\xff", "[" * 100_000])
def test_signed_nonsense_is_nonsense(said: str) -> None:
    part = base64.urlsafe_b64encode(said.encode("latin-1")).decode().rstrip("=")[:1500]
    header = es256(ec_key()).token({}, {}).partition(".")[0]
    signer = es256(ec_key())
    signature = base64.urlsafe_b64encode(signer.sign(f"{header}.{part}".encode()))
    shown = f"vapid t={header}.{part}.{signature.decode().rstrip('=')},k={OURS.public_key}"
    assert not proves(shown, OURS.public_key, ORIGIN, UNIX)


@given(st.text(max_size=80))
def test_whatever_is_shown_is_judged(shown: str) -> None:
    assert not proves(shown, OURS.public_key, ORIGIN, UNIX)
    assert not proves(f"vapid t={shown},k={OURS.public_key}", OURS.public_key, ORIGIN, UNIX)


def test_a_key_is_a_point_of_the_curve() -> None:
    assert sender_key(Vapid(vapid_key(AS_PRIVATE.encode()), "mailto:a@example.com").public_key)
    assert sender_key("!") is None
    assert sender_key("BP0") is None
    assert sender_key("B" + "A" * 86) is None
    assert not proves(field(), "BP0", ORIGIN, UNIX)
