"""Wire 6.2: which STUN/TURN servers a customer's server gets for its clients."""

from typing import Any

import pytest

from procall_mobility.gateway.customers import Customer
from procall_mobility.gateway.ice import IceIssuer, IceServer, OwnRelay
from tests.gateway.relays import UNIX, Site

TURN = ("turn:turn.example.net:3478?transport=udp", "turns:turn.example.net:443?transport=tcp")
STUN = ("stun:turn.example.net:3478",)
OTHER = IceServer(urls=("stun:stun.example.org:3478",))


def issuer(
    site: Site, urls: tuple[str, ...] = TURN, servers: tuple[IceServer, ...] = ()
) -> IceIssuer:
    return IceIssuer(
        servers=servers, own=OwnRelay(urls=urls, users=site.users), ttl=3600, wall_clock=site.unix
    )


def issued(site: Site, **members: Any) -> Any:
    return issuer(site, **members).issue(site.customers.customers["acme"])


def test_our_relay_comes_with_a_credential_it_takes() -> None:
    """A-32: user name `<expiry>:<ucsid>:link`."""
    site = Site()
    result = issued(site)
    (entry,) = result["iceServers"]
    assert entry["urls"] == list(TURN)
    assert entry["username"] == f"{UNIX + 3600}:acme:link"
    assert (result["iTTL"], result["stValidTo"]) == (3600, "2027-01-15T09:00:00Z")
    site.client(entry["username"], entry["credential"]).allocates()


def test_our_relay_goes_before_others() -> None:
    entries = issued(Site(), servers=(OTHER,))["iceServers"]
    assert [each["urls"][0] for each in entries] == [TURN[0], OTHER.urls[0]]


def test_what_needs_no_credential_stands_apart() -> None:
    stun, turn = issued(Site(), urls=(*STUN, *TURN))["iceServers"]
    assert stun == {"urls": list(STUN)}
    assert turn["urls"] == list(TURN)


def test_a_relay_of_stun_alone_hands_out_no_credential() -> None:
    assert issued(Site(), urls=STUN)["iceServers"] == [{"urls": list(STUN)}]


def test_a_new_credential_is_good_after_the_last_one_was_taken_back() -> None:
    site = Site()
    before = issued(site)["iceServers"][0]
    site.revoked("acme:link")
    after = issued(site)["iceServers"][0]
    assert site.client(before["username"], before["credential"]).tries_to_allocate().error == 401
    site.client(after["username"], after["credential"]).allocates()


@pytest.mark.parametrize(("servers", "left"), [((OTHER,), 1), ((), 0)])
def test_without_a_secret_others_are_left_and_never_an_empty_list(
    servers: tuple[IceServer, ...], left: int
) -> None:
    site = Site()
    site.secrets.change("acme", secrets=())
    result = issued(site, servers=servers)
    assert (result is None) if not left else len(result["iceServers"]) == left


def test_a_customer_without_turn_gets_nothing_and_hears_so() -> None:
    site = Site()
    site.switch(turn=False)
    made, customer = issuer(site), site.customers.customers["acme"]
    assert made.issue(customer) is None
    assert [each.value for each in made.capabilities(customer)] == [0]
    assert [each.value for each in made.capabilities(Customer(ucsid="other"))] == [1]
    nothing = IceIssuer(servers=(), ttl=3600, wall_clock=site.unix)
    assert not nothing.is_available(Customer(ucsid="other"))
