"""The applications pushes can go to, as they are kept."""

from pathlib import Path

import pytest
from attrs import evolve

from procall_mobility.gateway.push.applications.registrations import Provider, Registration
from procall_mobility.storage import push_apps
from procall_mobility.storage.customers import CustomerStore
from procall_mobility.storage.errors import StoreError
from procall_mobility.storage.push_apps import PushAppStore

IOS = Registration(
    name="ios.example",
    provider=Provider.APNS,
    credential="/etc/keys/AuthKey.p8",
    options={"topic": "org.example.app", "title": "Müller"},
)
ANDROID = Registration(
    name="android.example", provider=Provider.FCM, credential="/etc/keys/a.json"
)


@pytest.fixture
def store(tmp_path: Path) -> CustomerStore:
    made = CustomerStore(tmp_path / "customers.sqlite", bytes, lambda: 1.0)
    made.add("acme", ("acme.example",))
    return made


@pytest.fixture
def apps(store: CustomerStore) -> PushAppStore:
    return PushAppStore(store)


def test_what_was_registered_is_known_as_it_was(apps: PushAppStore) -> None:
    own = evolve(IOS, ucsid="acme", credential="/etc/keys/acme.p8")
    for each in (IOS, ANDROID, own):
        apps.add(each)
    assert apps.all() == [ANDROID, IOS, own]


def test_one_name_is_one_application_of_one_owner(apps: PushAppStore) -> None:
    apps.add(IOS)
    with pytest.raises(StoreError, match=r"ios\.example is registered already; remove it first"):
        apps.add(evolve(IOS, provider=Provider.FCM))
    apps.add(evolve(IOS, ucsid="acme"))
    with pytest.raises(StoreError, match="already"):
        apps.add(evolve(IOS, ucsid=" ACME "))


@pytest.mark.parametrize("name", ["", "a b", "a\nb", "ü", "x" * 129])
def test_a_name_is_of_visible_characters(apps: PushAppStore, name: str) -> None:
    with pytest.raises(StoreError, match="is no channel"):
        apps.add(evolve(IOS, name=name))


def test_a_customers_application_goes_with_the_customer(
    apps: PushAppStore, store: CustomerStore
) -> None:
    apps.add(evolve(IOS, ucsid="acme"))
    store.remove("acme")
    assert apps.all() == []
    with pytest.raises(StoreError, match="there is no customer acme"):
        apps.add(evolve(IOS, ucsid="acme"))


def test_a_credential_is_replaced_and_an_application_removed(apps: PushAppStore) -> None:
    apps.add(IOS)
    apps.add(evolve(IOS, ucsid="acme"))
    changed = apps.change_credential("ios.example", "acme", "/new.p8", {"key_id": "NEW"})
    assert changed == evolve(IOS, ucsid="acme", credential="/new.p8", options={"key_id": "NEW"})
    assert apps.all() == [IOS, changed]
    apps.remove("ios.example", None)
    assert apps.all() == [changed]
    for act in (
        lambda: apps.remove("ios.example", None),
        lambda: apps.change_credential("ios.example", None, "/x", {}),
    ):
        with pytest.raises(StoreError, match=r"no application ios\.example for every customer"):
            act()
    with pytest.raises(StoreError, match=r"no application android\.example of acme"):
        apps.remove("android.example", "acme")


def test_a_running_daemon_notices_what_another_process_has_changed(
    apps: PushAppStore, tmp_path: Path
) -> None:
    assert not apps.have_changed()
    other = CustomerStore(tmp_path / "customers.sqlite", bytes, lambda: 1.0)
    PushAppStore(other).add(IOS)
    assert apps.have_changed()
    assert not apps.have_changed()


def test_there_is_a_bound(apps: PushAppStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(push_apps, "MOST_APPS", 1)
    apps.add(IOS)
    with pytest.raises(StoreError, match="there are 1 applications already"):
        apps.add(ANDROID)
    assert apps.all() == [IOS]
