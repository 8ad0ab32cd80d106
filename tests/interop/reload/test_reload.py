"""SIGHUP under load: changes reach whom they should, broken files change nothing, nobody is lost.

One daemon goes through all of it, while sessions talk and chat, calls are relayed, and pushes go
out; after each reload everybody must be there still, and nothing they said be missing.
"""

from collections.abc import Callable, Iterator

import pytest

from tests.interop.reload.broken import BROKEN, Broken
from tests.interop.reload.changes import CHANGES
from tests.interop.reload.house import House, changed, house_in, is_open
from tests.interop.reload.looks import posts

pytestmark = pytest.mark.interop


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house_in(tmp_path_factory.mktemp("reload")) as made:
        yield made


@pytest.fixture
def nobody_is_lost(house: House) -> Iterator[None]:
    """See to it that everything is as usual afterwards, and everybody is there still."""
    before, counts = house.status(), house.load.counts()
    yield
    house.reload(house.says())
    house.load.check()
    after = house.status()
    assert after["links"][0]["seconds"] >= before["links"][0]["seconds"]
    assert all(done >= counts[name] for name, done in house.load.counts().items())
    assert after["listening"] == before["listening"]


@pytest.mark.usefixtures("nobody_is_lost")
@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_a_change_is_in_force_for_whom_it_should(
    house: House, change: Callable[[House], None]
) -> None:
    change(house)


@pytest.mark.usefixtures("nobody_is_lost")
@pytest.mark.parametrize("broken", BROKEN, ids=lambda broken: broken.__name__)
def test_a_broken_file_changes_nothing_and_all_its_errors_are_told(
    house: House, broken: Broken
) -> None:
    wrong, before = broken(house), house.status()
    certificate = house.shown_certificate()
    lines = house.reload(wrong.text)
    told = [line for line in lines if " settings not taken over " in line]
    assert len(told) == len(wrong.errors), told
    for error in wrong.errors:
        (line,) = [each for each in told if error in each.replace('\\"', '"')]
        assert " error " in line
        assert str(house.town.daemons.settings) in line
    assert any("not reloaded, nothing has changed" in line for line in lines)
    assert not changed(lines)
    assert "nothing has changed" in house.told
    after = house.status()
    for fact in ("listening", "certificates", "waiting"):
        assert after[fact] == before[fact]
    assert house.shown_certificate() == certificate
    assert posts(house, 2000) != 413, "the change that was none of the errors is not in force"
    assert not any(map(is_open, house.spare))


@pytest.mark.usefixtures("nobody_is_lost")
def test_the_command_does_the_same_or_only_tells_what_would_change(house: House) -> None:
    daemons = house.town.daemons
    daemons.settings.write_text(house.says(ucclient__body_size="1000"))
    would = daemons.facts("reload", "--dry-run")
    assert [each["path"] for each in would["changed"]] == ["ucclient.body_size"]
    assert posts(house, 2000) != 413
    assert daemons.facts("reload") == would
    assert posts(house, 2000) == 413
    daemons.settings.write_text(house.says(turn__tcp='["192.0.2.1:3478"]'))
    done = daemons.cli("reload")
    assert done.exit_code == 78
    assert done.output.endswith("`ip address` shows which it has\nnothing has changed\n")


def test_at_the_end_no_push_was_lost(house: House) -> None:
    house.load.end()
    house.load.check()
    assert all(house.load.counts().values()), house.load.counts()
    providers = house.town.providers
    providers.until(lambda: len(_arrived(house)) >= len(house.load.posted))
    assert sorted(_arrived(house)) == sorted(house.load.posted)


def _arrived(house: House) -> list[str]:
    town = house.town
    return [push for provider in ("apns", "fcm") for push in town.arrived(provider)]
