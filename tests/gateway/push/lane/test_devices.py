"""The pushes of a queue by their devices."""

from procall_mobility.gateway.push.lane.devices import Devices
from procall_mobility.gateway.push.waiting import Waiting, device_of, waiting
from tests.gateway.push.fakes import UNIX, push


def made(number: int, token: str = "t") -> Waiting:
    return waiting(push(number, token=token), number, 0.0, UNIX, key=b"key")


def test_a_device_has_what_was_added_until_it_is_removed() -> None:
    devices, pushes = Devices(), [made(number) for number in range(3)]
    device = pushes[0].device
    assert devices.of(device, 9) == []
    for count, each in enumerate(pushes, 1):
        devices.add(each)
        assert devices.of(device, 9) == pushes[:count]
    devices.remove(pushes[1])
    assert devices.of(device, 9) == [pushes[0], pushes[2]]
    devices.remove(pushes[0])
    assert devices.of(device, 9) == [pushes[2]]
    devices.remove(pushes[2])
    assert (devices.of(device, 9), len(devices)) == ([], 0)


def test_the_oldest_are_told_whenever_they_came() -> None:
    """What comes back from an attempt is older than what has come since."""
    devices, pushes = Devices(), [made(number) for number in range(5)]
    for number in (4, 1, 3, 0, 2):
        devices.add(pushes[number])
    assert devices.of(pushes[0].device, 3) == pushes[:3]
    devices.remove(pushes[1])
    assert devices.of(pushes[0].device, 9) == [pushes[0], *pushes[2:]]


def test_devices_are_not_mixed_up() -> None:
    devices, mine, yours = Devices(), made(1), made(2, token="u")
    devices.add(mine)
    devices.add(yours)
    assert devices.of(mine.device, 9) == [mine]
    assert devices.of(yours.device, 9) == [yours]


def test_a_device_is_known_by_nothing_anybody_else_can_make() -> None:
    """The same token is another one with another key, application or customer."""
    told = [
        ("acme", "phone", "t", b"key"),
        ("acme", "phone", "t", b"another"),
        ("acme", "tablet", "t", b"key"),
        ("other", "phone", "t", b"key"),
    ]
    digests = {device_of(*each) for each in told}
    assert len(digests) == len(told)
    assert {len(each) for each in digests} == {16}
    assert device_of("acme", "phone", "\ud800", b"key"), "whatever JSON can say"
