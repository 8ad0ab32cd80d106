"""Waits for what may hang a bounded time only."""

import errno
import threading
from collections.abc import Callable
from typing import TypeVar

ResultT = TypeVar("ResultT")


def within(seconds: float, function: Callable[[], ResultT]) -> ResultT:
    """Return what a function returns.

    It runs in a thread that nobody waits for when it hangs: resolvers cannot be told to give up.

    Raises:
        TimeoutError: it takes longer.
        OSError: it has raised it, or UnicodeError.
    """
    results: list[ResultT] = []
    errors: list[OSError] = []

    def run() -> None:
        try:
            results.append(function())
        except OSError as error:
            errors.append(error)
        except UnicodeError as error:  # Of names that the DNS cannot have.
            errors.append(OSError(errno.EINVAL, str(error)))

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    if errors:
        raise errors[0]
    if not results:
        raise TimeoutError
    return results[0]
