"""How many connections there are."""

from procall_mobility.transports.http2.size import Size


def test_need_makes_more_up_to_a_bound() -> None:
    size = Size(warm=2, most=4, linger=600.0)
    assert [size.press([100, 100], 0.0) for _ in range(3)] == [True, True, False]
    assert size.wanted == 4 and size.is_grown


def test_a_limit_of_one_stream_makes_no_more() -> None:
    """APNs allows one until the first request with a valid token, and again after rejections."""
    size = Size(warm=2, most=8, linger=600.0)
    assert not size.press([100, 1], 0.0)
    assert size.wanted == 2


def test_without_need_they_become_fewer_one_by_one() -> None:
    size = Size(warm=2, most=8, linger=600.0)
    size.press([100], 0.0)
    size.press([100], 10.0)
    assert not size.shrink(600.0)
    assert size.shrink(610.0) and size.shrink(1210.0)
    assert not size.shrink(9999.0)
    assert size.wanted == 2 and not size.is_grown
