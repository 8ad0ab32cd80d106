"""Servers that hand pushes in without a credential, as they are kept."""

from pathlib import Path

import pytest
from attrs import evolve

from procall_mobility.gateway.push.applications.registrations import Provider, Registration
from procall_mobility.gateway.push.desks.senders import Api, Sender
from procall_mobility.storage import push_senders
from procall_mobility.storage.customers import CustomerStore
from procall_mobility.storage.errors import StoreError
from procall_mobility.storage.push_apps import PushAppStore
from procall_mobility.storage.push_senders import PushSenderStore

ELEMENT = Sender(api=Api.MATRIX, name="im.example.app", ucsid="acme", channel="ios")
MOST = Sender(
    api=Api.MATTERMOST, name="server-1", platform="apple_rn", ucsid="acme", channel="ios"
)


@pytest.fixture
def customers(tmp_path: Path) -> CustomerStore:
    made = CustomerStore(tmp_path / "customers.sqlite", bytes, lambda: 1.0)
    for ucsid in ("acme", "other"):
        made.add(ucsid)
    app = Registration(name="ios", provider=Provider.FCM, credential="/etc/keys/a.json")
    PushAppStore(made).add(app)
    PushAppStore(made).add(evolve(app, name="own", ucsid="acme"))
    return made


@pytest.fixture
def senders(customers: CustomerStore) -> PushSenderStore:
    return PushSenderStore(customers)


def test_what_was_mapped_is_found_as_it_was_and_nothing_else_is(senders: PushSenderStore) -> None:
    for each in (MOST, ELEMENT):
        senders.add(each)
    assert senders.all() == [ELEMENT, MOST]
    assert senders.find(Api.MATRIX, "im.example.app", "") == ELEMENT
    assert senders.find(Api.MATTERMOST, "server-1", "apple_rn") == MOST
    for api, name, platform in (
        (Api.MATRIX, "im.example.app.dev", ""),
        (Api.MATRIX, "im.example", ""),
        (Api.MATRIX, "IM.example.app", ""),
        (Api.MATRIX, "", ""),
        (Api.MATRIX, "*", ""),
        (Api.MATTERMOST, "im.example.app", ""),
        (Api.MATTERMOST, "server-1", "android_rn"),
        (Api.MATTERMOST, "server-1", ""),
        (Api.MATRIX, "im.example.app\ud800", ""),
        (Api.MATTERMOST, "server-1", "\0"),
    ):
        assert senders.find(api, name, platform) is None, (api, name, platform)


def test_an_asterisk_stands_for_all_that_begin_so_and_longer_names_go_before(
    senders: PushSenderStore,
) -> None:
    many = evolve(ELEMENT, name="im.example.*", channel="own")
    phones = evolve(MOST, platform="apple*", channel="own")
    for each in (ELEMENT, many, evolve(many, name="im*"), phones, MOST):
        senders.add(each)
    assert senders.find(Api.MATRIX, "im.example.app", "") == ELEMENT
    assert senders.find(Api.MATRIX, "im.example.app.dev", "") == many
    assert senders.find(Api.MATRIX, "im.example.", "") == many
    assert senders.find(Api.MATRIX, "im.other", "") == evolve(many, name="im*")
    assert senders.find(Api.MATTERMOST, "server-1", "apple_rn") == MOST
    assert senders.find(Api.MATTERMOST, "server-1", "apple") == phones


def test_signs_that_mean_something_to_sqlite_mean_nothing_in_names(
    senders: PushSenderStore,
) -> None:
    senders.add(evolve(ELEMENT, name="im_%*"))
    assert senders.find(Api.MATRIX, "imx.", "") is None
    assert senders.find(Api.MATRIX, "im_%'--", "") is not None


@pytest.mark.parametrize("name", ["a b", "ü", "a*b", "**", "x" * 257, "a\n"])
def test_a_name_is_of_visible_characters(senders: PushSenderStore, name: str) -> None:
    with pytest.raises(StoreError, match="is no name of a sender"):
        senders.add(evolve(ELEMENT, name=name))
    with pytest.raises(StoreError, match="is no name of a sender"):
        senders.add(evolve(MOST, platform=name))


@pytest.mark.parametrize("name", ["", "*"])
def test_nobody_lets_everybody_in(senders: PushSenderStore, name: str) -> None:
    with pytest.raises(StoreError, match="would let everybody in"):
        senders.add(evolve(ELEMENT, name=name))


def test_what_is_mapped_goes_somewhere(senders: PushSenderStore) -> None:
    with pytest.raises(StoreError, match="there is no customer nobody"):
        senders.add(evolve(ELEMENT, ucsid="nobody"))
    with pytest.raises(StoreError, match="other has no application own; `push app add`"):
        senders.add(evolve(ELEMENT, ucsid="other", channel="own"))
    assert senders.all() == []


def test_a_name_is_mapped_once_and_can_be_taken_back(senders: PushSenderStore) -> None:
    senders.add(MOST)
    with pytest.raises(StoreError, match="server-1 on apple_rn is mapped already"):
        senders.add(evolve(MOST, channel="own"))
    senders.add(evolve(MOST, platform="android_rn"))
    senders.remove(Api.MATTERMOST, "server-1", "apple_rn")
    assert senders.all() == [evolve(MOST, platform="android_rn")]
    with pytest.raises(StoreError, match="server-1 on apple_rn is not mapped"):
        senders.remove(Api.MATTERMOST, "server-1", "apple_rn")
    with pytest.raises(StoreError, match="server-1 is not mapped"):
        senders.remove(Api.MATRIX, "server-1")


def test_a_customers_senders_go_with_the_customer(
    senders: PushSenderStore, customers: CustomerStore
) -> None:
    senders.add(ELEMENT)
    customers.remove("acme")
    assert senders.all() == []


def test_there_is_a_bound(senders: PushSenderStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(push_senders, "MOST_SENDERS", 1)
    senders.add(ELEMENT)
    with pytest.raises(StoreError, match="there are 1 senders already"):
        senders.add(MOST)
