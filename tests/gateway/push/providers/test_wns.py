"""Microsoft: a lane for each host of channels, one token for all of them."""

import json

import pytest
from attrs import evolve

from procall_mobility.gateway.push.applications.apps import PushApps
from procall_mobility.gateway.push.applications.carriers import bearer_of
from procall_mobility.gateway.push.applications.destinations import Destination, Wire
from procall_mobility.gateway.push.applications.options import OptionError
from procall_mobility.gateway.push.applications.registrations import Provider, Registration
from procall_mobility.protocols.push.credentials import CredentialError
from procall_mobility.protocols.push.exchange import Answer
from procall_mobility.protocols.push.outcomes import CredentialStale, TokenDead
from procall_mobility.protocols.push.unsayable import MalformedToken
from tests.gateway.push.attempts import attempt
from tests.gateway.push.credentials import UNIX
from tests.gateway.push.providers.house import House
from tests.gateway.push.some_applications import PUSH

SID = "s-1-15-2-1-2-3-4-5-6-7"
STORE = {"client_id": f"ms-app://{SID}", "client_secret": "s3cret"}
ENTRA = {"client_id": "11111111-2222", "client_secret": "s3cret", "tenant_id": "acme.example"}
TOLD = Registration(name="ios.example", provider=Provider.WNS, credential="secret.json")
HOST = "db5p.notify.windows.com"
CHANNEL = f"https://{HOST}/?token=AwYAAAA%3d"
CHAT = evolve(PUSH, notification=evolve(PUSH.notification, token=CHANNEL))


def octets(members: dict[str, str]) -> bytes:
    return json.dumps(members).encode()


def apps(house: House, members: dict[str, str] = STORE, **options: str) -> PushApps:
    known = PushApps()
    known.replace([house.app(evolve(TOLD, options=options), octets(members))])
    return known


def test_each_host_of_channels_has_a_lane_of_its_own() -> None:
    known = apps(House())
    assert known.lane(CHAT) == f"wns:{SID}@{HOST}"
    other = evolve(CHAT.notification, token=CHANNEL.replace("db5p", "sn1"))
    assert known.lane(evolve(CHAT, notification=other)) == f"wns:{SID}@sn1.notify.windows.com"
    assert not known.standing()
    carrier = known.carrier(f"wns:{SID}@{HOST}")
    assert carrier is not None
    assert carrier.destination == Destination(host=HOST, wire=Wire.HTTP1)


def test_nobody_elses_host_is_called() -> None:
    """The server of a customer names it, and whoever registers a token names it to that."""
    known = apps(House())
    for token in ("https://evil.example/?token=a", "https://notify.windows.com.evil.example/"):
        named = evolve(CHAT.notification, token=token)
        assert known.lane(evolve(CHAT, notification=named)) is None
        app = known.find("acme", "ios.example")
        assert app is not None
        with pytest.raises(MalformedToken):
            app.first.check(named)


def test_all_hosts_share_one_token() -> None:
    house = House()
    known = apps(house)
    carriers = [known.carrier(f"wns:{SID}@{name}.notify.windows.com") for name in ("a", "b")]
    assert [each.is_ready(0.0) for each in carriers] == [False, False]
    assert carriers[0].request(CHAT, 0.0, UNIX) is None
    assert "scope=notify.windows.com" in house.grants("granted")
    (fetched,) = house.credentials.fetched.values()
    assert (fetched.name, fetched.host) == (f"wns:{SID}", "login.live.com")
    for each in carriers:
        request = each.request(CHAT, 0.0, UNIX)
        assert (request.path, bearer_of(request)) == ("/?token=AwYAAAA%3d", "granted")


def test_applications_of_entra_ask_their_tenant_for_tokens() -> None:
    house = House()
    apps(house, ENTRA)
    assert "wns.windows.com" in house.grants("granted")
    (fetched,) = house.credentials.fetched.values()
    assert (fetched.name, fetched.host) == ("wns:11111111-2222", "login.microsoftonline.com")


@pytest.mark.parametrize(("options", "kind"), [({}, "wns/raw"), ({"title": "Acme"}, "wns/toast")])
def test_with_a_title_there_are_toasts(options: dict[str, str], kind: str) -> None:
    house = House()
    carrier = apps(house, **options).carrier(f"wns:{SID}@{HOST}")
    house.grants("granted")
    carrier.check(CHAT.notification)
    request = carrier.request(CHAT, 0.0, UNIX)
    assert dict(request.headers)["x-wns-type"] == kind


def test_a_refused_token_is_fetched_anew_once_it_is_old_enough() -> None:
    house = House()
    carrier = apps(house).carrier(f"wns:{SID}@{HOST}")
    house.grants("first")
    request = carrier.request(CHAT, 0.0, UNIX)
    refused = Answer(status=401, headers={}, body=b"")
    outcome = carrier.judge(attempt(request, token=CHANNEL, has_moved=False, now=0.0), refused)
    assert outcome == CredentialStale(reason="http-401")
    assert carrier.renew(request, 5.0, UNIX) is False
    assert carrier.renew(request, 600.0, UNIX) is None
    house.grants("second", 600.0)
    assert carrier.renew(request, 600.0, UNIX) is True


def test_what_microsoft_asks_for_is_traced_and_no_more() -> None:
    carrier = apps(House()).carrier(f"wns:{SID}@{HOST}")
    gone = Answer(status=410, headers={"ms-cv": "abc.0", "x-other": CHANNEL}, body=b"")
    assert carrier.traces(gone) == {"ms-cv": "abc.0"}
    outcome = carrier.judge(attempt(None, token=CHANNEL, has_moved=False, now=0.0), gone)
    assert outcome == TokenDead(reason="http-410")


def test_microsoft_may_be_elsewhere() -> None:
    """A proxy in front of all hosts; lanes are by the hosts that channels name all the same."""
    house = House(wns="127.0.0.1:1", **{"wns-tokens": "127.0.0.1:2"})
    known = apps(house)
    assert known.lane(CHAT) == f"wns:{SID}@{HOST}"
    destination = known.branch(CHAT).carrier.destination
    assert destination == Destination(host="127.0.0.1:1", wire=Wire.HTTP1)
    assert [each.host for each in house.credentials.fetched.values()] == ["127.0.0.1:2"]


@pytest.mark.parametrize(
    ("members", "why"),
    [
        ({**STORE, "client_id": "11111111-2222"}, "client_id is no package's"),
        ({**ENTRA, "client_id": "a@b"}, "client_id is no application's"),
        ({**ENTRA, "tenant_id": "a/b"}, "tenant_id is neither"),
        ({**STORE, "more": "x"}, "other members than client_id, client_secret, tenant_id"),
    ],
)
def test_what_is_wrong_with_a_credential_is_told(members: dict[str, str], why: str) -> None:
    with pytest.raises(CredentialError, match=why) as caught:
        apps(House(), members)
    assert caught.value.__context__ is None


def test_a_title_must_print() -> None:
    with pytest.raises(OptionError, match="title is not of 1 to 100 characters that print"):
        apps(House(), title="a\nb")
