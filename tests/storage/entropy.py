"""Chance that repeats itself."""

import itertools
from collections.abc import Callable


def counting_entropy() -> Callable[[int], bytes]:
    numbers = itertools.count(1)
    return lambda size: bytes(next(numbers) % 256 for _ in range(size))
