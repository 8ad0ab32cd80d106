"""What the control interface is told, in JSON, as rules and devices."""

from collections.abc import Callable, Mapping
from typing import Any

from h2.errors import ErrorCodes

from examples.push_simulators.devices import Device
from examples.push_simulators.exchange import Reply
from examples.push_simulators.script import (
    Act,
    Deaf,
    Drop,
    GoAway,
    Reset,
    Rule,
    Say,
    SayRow,
    Silence,
)

Said = Mapping[str, Any]

_MEMBERS = ("provider", "about", "token", "skip", "times", "latency", "headers", "since")
_TEXT, _COUNT, _SECONDS = (str,), (int,), (int, float)


def rule_of(said: Said, rows: tuple[str, ...]) -> Rule:
    """Return a rule of the script.

    Raises:
        ValueError: it says what nobody understands; the text says what.
    """
    acts = [name for name in _ACTS if name in said]
    if len(acts) != 1:
        raise ValueError(f"expected one of {', '.join(_ACTS)}")
    only(said, {*_MEMBERS, acts[0]})
    about = said.get("about", "pushes")
    if about not in ("pushes", "credentials"):
        raise ValueError("about: expected pushes or credentials")
    return Rule(
        act=_ACTS[acts[0]](said, rows),
        token=take(said, "token", _TEXT, None),
        is_about_pushes=about == "pushes",
        skip=take(said, "skip", _COUNT, 0),
        # A rule for one device goes on until the script is cleared, others count once.
        times=take(said, "times", _COUNT, None if "token" in said or "times" in said else 1),
        latency=take(said, "latency", _SECONDS, 0.0),
    )


def goodbye_of(said: object) -> GoAway:
    """Return a GOAWAY frame to send.

    Raises:
        ValueError: it is none.
    """
    if not isinstance(said, dict):
        raise ValueError("goaway: expected an object")
    only(said, {"reason", "code", "below", "closes"})
    return GoAway(
        reason=take(said, "reason", _TEXT, None),
        code=_code(said.get("code", 0)),
        below=take(said, "below", _COUNT, 0),
        closes=take(said, "closes", (bool,), True),
    )


def device_of(said: Said, unix: float) -> Device:
    """Return a device; `gone` is a time in Unix seconds, or true for now.

    Raises:
        ValueError: it is none.
    """
    only(said, {"provider", "token", "topic", "environment", "gone", "wake"})
    gone = said.get("gone")
    if isinstance(gone, bool):
        gone = unix if gone else None
    if gone is not None and not isinstance(gone, int | float):
        raise ValueError("gone: expected a time or true")
    token = take(said, "token", _TEXT, "")
    if not token:
        raise ValueError("token: expected text")
    return Device(
        token=token,
        topic=take(said, "topic", _TEXT, None),
        environment=take(said, "environment", _TEXT, None),
        gone=gone,
        wake=take(said, "wake", _TEXT, None),
    )


def take(said: Said, name: str, kinds: tuple[type, ...], default: Any) -> Any:
    """Return a member of one of the kinds, or the default where it is missing or null.

    Raises:
        ValueError: it is of another kind, or a negative number.
    """
    value = said.get(name)
    if value is None:
        return default
    is_flag = isinstance(value, bool) and bool not in kinds
    if is_flag or not isinstance(value, kinds) or (isinstance(value, int | float) and value < 0):
        raise ValueError(f"{name}: expected {' or '.join(kind.__name__ for kind in kinds)}")
    return value


def only(said: Said, known: set[str]) -> None:
    """Refuse members nobody knows.

    Raises:
        ValueError: there is one.
    """
    for name in said:
        if name not in known:
            raise ValueError(f"{name}: unknown; expected some of {', '.join(sorted(known))}")


def _answer(said: Said, rows: tuple[str, ...]) -> Act:
    answer = said["answer"]
    if isinstance(answer, str):
        if answer not in rows:
            raise ValueError(f"answer: expected one of {', '.join(rows)}")
        since = take(said, "since", _SECONDS, None)
        return SayRow(row=answer, headers=_headers(said.get("headers", {})), since=since)
    if not isinstance(answer, dict) or not isinstance(answer.get("status"), int):
        raise ValueError("answer: expected a row, or an object with a status")
    only(answer, {"status", "headers", "body"})
    body = take(answer, "body", _TEXT, "")
    return Say(Reply(answer["status"], _headers(answer.get("headers", {})), body.encode()))


def _headers(said: object) -> tuple[tuple[str, str], ...]:
    if not isinstance(said, dict):
        raise ValueError("headers: expected an object")
    return tuple((str(name).lower(), str(value)) for name, value in said.items())


def _code(said: object) -> int:
    if isinstance(said, str) and said in ErrorCodes.__members__:
        return int(ErrorCodes[said])
    if isinstance(said, int) and not isinstance(said, bool) and 0 <= said < 2**32:
        return said
    raise ValueError(f"code: expected a number or one of {', '.join(ErrorCodes.__members__)}")


_ACTS: dict[str, Callable[[Said, tuple[str, ...]], Act]] = {
    "answer": _answer,
    "silence": lambda said, rows: Silence(),
    "reset": lambda said, rows: Reset(_code(said["reset"])),
    "goaway": lambda said, rows: goodbye_of(said["goaway"]),
    "deaf": lambda said, rows: Deaf(),
    "drop": lambda said, rows: Drop(),
}
