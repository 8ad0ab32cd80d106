"""The pushes of a queue by their devices."""

from procall_mobility.gateway.push_devices import Devices
from procall_mobility.gateway.push_waiting import Waiting, device_of, waiting
from tests.gateway.push_fakes import UNIX, push


def made(number: int, token: str = "t") -> Waiting:
    return waiting(push(number, token=token), number, 0.0, UNIX, key=b"key")


def test_a_device_has_what_was_added_until_it_is_removed() -> None:
    devices, pushes = Devices(), [made(number) for number in range(3)]
    device = pushes[0].device
    assert devices.of(device) == []
    for count, each in enumerate(pushes, 1):
        devices.add(each)
        assert devices.of(device) == pushes[:count]
    devices.remove(pushes[1])
    assert devices.of(device) == [pushes[0], pushes[2]]
    devices.remove(pushes[0])
    assert devices.of(device) == [pushes[2]]
    devices.remove(pushes[2])
    assert (devices.of(device), len(devices)) == ([], 0)


def test_devices_are_not_mixed_up() -> None:
    devices, mine, yours = Devices(), made(1), made(2, token="u")
    devices.add(mine)
    devices.add(yours)
    assert devices.of(mine.device) == [mine]
    assert devices.of(yours.device) == [yours]


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
