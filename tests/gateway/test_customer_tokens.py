"""A customer's server shows a token it has signed, instead of a password (RFC 6750, RFC 7519)."""

from typing import Any

import pytest
from attrs import define, evolve, field
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from procall_mobility.gateway import customer_tokens
from procall_mobility.gateway.back_off import BackOff, BackOffRules
from procall_mobility.gateway.customer_door import CustomerDoor
from procall_mobility.gateway.customer_tokens import LONGEST_LIFE, SKEW, CustomerTokens
from procall_mobility.gateway.customers import Customer
from procall_mobility.gateway.reasons import Reason
from procall_mobility.protocols.push.json_web_tokens import es256, rs256
from procall_mobility.protocols.token_checks import Verifier, verifier
from procall_mobility.protocols.ucclient.http_answer import HttpAnswer
from procall_mobility.protocols.ucclient.intentions import HttpRequest
from tests.gateway.fakes import CLIENT
from tests.gateway.relays import Site
from tests.protocols.push.pushes import UNIX, ec_key, rsa_key

ORIGIN = "https://mobility.example.net"


def public(key: Any) -> bytes:
    octets: bytes = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return octets


KEY = verifier(public(ec_key()))


@define
class Scene:
    """A door, and the keys there are."""

    keys: dict[str, list[Verifier]] = field(factory=lambda: {"acme": [KEY]})
    unix: float = UNIX
    looked: int = 0
    site: Site = field(factory=Site)
    door: CustomerDoor = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.door = CustomerDoor(
            customers=self.site.customers,
            book=self.site.access,
            back_off=BackOff(BackOffRules(free=2, base=10.0)),
            key=b"key of this process",
            clock=lambda: self.site.play.now,
            tokens=CustomerTokens(
                keys=self.look_up, audience=ORIGIN, secret=b"x" * 32, wall_clock=lambda: self.unix
            ),
        )

    def look_up(self, ucsid: str) -> list[Verifier]:
        self.looked += 1
        return self.keys.get(ucsid, [])

    def shows(self, token: str, scheme: str = "Bearer") -> Customer | HttpAnswer:
        request = HttpRequest(
            method="GET", path="/", query=(), headers=(("authorization", f"{scheme} {token}"),),
            body=b"", client_address=CLIENT, secure=True, host="mobility.example.net",
        )  # fmt: skip
        heard: list[Customer | HttpAnswer] = []
        self.door.open(request, heard.append, heard.append)
        (answer,) = heard
        return answer

    def lets_in(self, token: str) -> bool:
        return isinstance(self.shows(token), Customer)


def token(**changed: Any) -> str:
    claims = {"iss": "acme", "aud": ORIGIN, "exp": int(UNIX) + 600, **changed}
    said = {name: value for name, value in claims.items() if value is not None}
    return es256(ec_key()).token(said, {"typ": "JWT"})


def test_whoever_signs_as_a_customer_is_let_in_as_the_customer() -> None:
    customer = Scene().shows(token())
    assert isinstance(customer, Customer)
    assert customer.ucsid == "acme"
    assert isinstance(Scene().shows(token(), "JWT"), Customer)
    assert Scene().lets_in(token(iss=" ACME "))
    assert Scene().lets_in(token(aud=["https://other.example.net", ORIGIN]))
    assert Scene().lets_in(token(nbf=int(UNIX), iat=int(UNIX)))


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": None}, {"iss": 7}, {"iss": "other"},
        {"aud": None}, {"aud": "https://other.example.net"}, {"aud": [7]}, {"aud": {}},
        {"exp": None}, {"exp": "soon"}, {"exp": True}, {"exp": int(UNIX - SKEW)},
        {"exp": int(UNIX + LONGEST_LIFE + SKEW) + 1},
        {"nbf": int(UNIX + SKEW) + 1}, {"nbf": "now"},
    ],
)  # fmt: skip
def test_a_token_that_is_not_for_us_and_now_is_refused(changed: dict[str, Any]) -> None:
    scene = Scene()
    answer = scene.shows(token(**changed))
    assert isinstance(answer, HttpAnswer)
    assert answer.status == 401
    challenge = answer.header("www-authenticate")
    assert challenge is not None
    assert challenge.startswith("Bearer")
    (entry,) = scene.site.access.entries
    assert entry.reason is Reason.WRONG_TOKEN


def test_a_good_token_makes_no_room_for_more_guesses() -> None:
    """Else a customer could try passwords of others as fast as it signs tokens of its own."""
    scene = Scene()
    statuses = []
    for guess in ("YWNtZTphYmM", "YWNtZTphYmQ", "YWNtZTphYmU", "YWNtZTphYmY"):
        assert scene.lets_in(token())
        answer = scene.shows(guess, "Basic")
        assert isinstance(answer, HttpAnswer)
        statuses.append(answer.status)
    assert statuses == [401, 401, 401, 429]
    assert scene.lets_in(token()), "whoever signs cannot have guessed"


def test_wrong_tokens_from_where_right_ones_come_crowd_nobody_out_of_the_table() -> None:
    """All are looked at there, thousands a second: others who guess have to stay remembered."""
    scene = Scene()
    assert scene.lets_in(token())
    assert not any(scene.lets_in(f"guess.{number}") for number in range(1000))
    assert len(scene.door.back_off) < 10
    scene.site.later(10)
    assert not scene.lets_in("another")
    assert isinstance(answer := scene.shows("YWNtZTphYmM", "Basic"), HttpAnswer)
    assert (answer.status, answer.header("retry-after")) == (429, "21")
    assert scene.lets_in(token())


def test_the_bounds_of_time_leave_room_for_clocks_that_differ() -> None:
    assert Scene().lets_in(token(exp=int(UNIX - SKEW) + 1))
    assert Scene().lets_in(token(exp=int(UNIX + LONGEST_LIFE + SKEW)))
    assert Scene().lets_in(token(nbf=int(UNIX + SKEW)))


def test_what_is_no_token_is_refused() -> None:
    assert not Scene().lets_in("x.y.z")


def test_a_house_without_a_name_takes_none() -> None:
    scene = Scene()
    assert scene.door.tokens is not None
    scene.door.tokens.audience = ""
    assert not scene.lets_in(token(aud=""))


def test_a_key_is_good_for_its_own_customer_alone() -> None:
    scene = Scene(keys={"acme": [], "nobody": [KEY]})
    assert not scene.lets_in(token())
    assert not scene.lets_in(token(iss="nobody")), "there is no such customer"


def test_an_alias_is_no_name_to_sign_by() -> None:
    scene = Scene(keys={"acme.example": [KEY]})
    acme = scene.site.customers.customers["acme"]
    scene.site.customers.customers["acme"] = evolve(acme, aliases=frozenset({"acme.example"}))
    assert not scene.lets_in(token(iss="acme.example"))


def test_keys_change_one_beside_the_other() -> None:
    scene = Scene(keys={"acme": [verifier(public(rsa_key())), KEY]})
    assert scene.lets_in(token())
    claims = {"iss": "acme", "aud": ORIGIN, "exp": int(UNIX) + 600}
    assert scene.lets_in(rs256(rsa_key()).token(claims, {}))


def test_a_token_is_verified_once_until_it_ends_or_the_keys_change() -> None:
    scene = Scene()
    shown = token()
    assert [scene.lets_in(shown) for _ in range(3)] == [True] * 3
    assert scene.looked == 1
    scene.keys.clear()
    assert scene.lets_in(shown)
    scene.door.forget("acme")
    assert not scene.lets_in(shown)


def test_a_token_that_is_remembered_ends_all_the_same() -> None:
    scene = Scene()
    shown = token()
    assert scene.lets_in(shown)
    scene.unix = UNIX + 600 + SKEW
    assert not scene.lets_in(shown)


def test_the_oldest_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(customer_tokens, "MOST_KNOWN", 2)
    scene = Scene()
    first, *others = (token(jti=name) for name in "abc")
    for each in (first, *others, first):
        assert scene.lets_in(each)
    assert scene.looked == 4


def test_a_customer_that_is_switched_off_stays_out() -> None:
    scene = Scene()
    acme = scene.site.customers.customers["acme"]
    scene.site.customers.customers["acme"] = evolve(acme, enabled=False)
    answer = scene.shows(token())
    assert isinstance(answer, HttpAnswer)
    assert answer.status == 403


def test_whoever_guesses_has_to_wait() -> None:
    scene = Scene()
    statuses = []
    for number in range(4):
        answer = scene.shows(token(iss=f"other-{number}"))
        assert isinstance(answer, HttpAnswer)
        statuses.append(answer.status)
    assert statuses[-1] == 429
    assert not scene.lets_in(token()), "nobody has shown a good one from there yet"


def test_a_token_that_is_wrong_again_and_again_holds_up_no_other_one() -> None:
    scene = Scene()
    statuses = []
    for _ in range(10):
        answer = scene.shows(token(iss="other"))
        assert isinstance(answer, HttpAnswer)
        statuses.append(answer.status)
    assert statuses == [401] * 3 + [429] * 7
    assert scene.lets_in(token())


def test_where_good_tokens_were_shown_lately_others_are_not_held_up() -> None:
    scene = Scene()
    assert scene.lets_in(token())
    for number in range(10):
        assert not scene.lets_in(token(iss=f"other-{number}"))
    assert scene.lets_in(token())
    assert scene.lets_in(token(exp=int(UNIX) + 601)), "a fresh one neither"


def test_where_no_tokens_are_taken_they_are_wrong_passwords() -> None:
    scene = Scene()
    scene.door.tokens = None
    answer = scene.shows(token())
    scene.door.forget("acme")
    assert isinstance(answer, HttpAnswer)
    assert answer.status == 401


def test_a_token_for_the_name_we_had_before_is_good_for_nothing_also_where_it_is_known() -> None:
    """A reload gives us another origin; one that leaves it alone changes nothing."""
    scene, other = Scene(), "https://other.example.net"
    assert scene.door.tokens is not None
    assert scene.lets_in(token())
    scene.door.tokens.rename(ORIGIN)
    assert scene.lets_in(token())
    assert scene.looked == 1
    scene.door.tokens.rename(other)
    assert not scene.lets_in(token())
    assert scene.lets_in(token(aud=other))
