"""Reads the answer to one request (RFC 9112 sections 4 to 7)."""

import re

from procall_mobility.protocols.http1.bodies import (
    Body,
    Chunked,
    Counted,
    Endless,
    Malformed,
    line_of,
)
from procall_mobility.protocols.push.exchange import LONGEST_ANSWER, Answer

LONGEST_HEAD = 16_384
"""Octets of the fields of an answer, and of those of what comes before it."""

_STATUS = re.compile(rb"HTTP/1\.([0-9]) ([1-9][0-9]{2})(?: [^\x00\r\n]*)?")
_FIELD = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):([^\x00\r\n]*)")
"""With the space around its value: a pattern that tells them apart can be made to take hours."""
_LENGTH = re.compile(r"[0-9]{1,15}", re.ASCII)

WITHOUT_BODY = frozenset({204, 304})


class AnswerReader:
    """Hears octets until the answer is whole."""

    def __init__(self) -> None:
        self._octets = bytearray()
        self._status = 0
        self._fields: dict[str, str] = {}
        self._head = 0
        """Octets of the head so far."""
        self._body: Body | None = None
        self._is_modern = False

    @property
    def has_begun(self) -> bool:
        """Whether anything has come."""
        return bool(self._octets) or self._head > 0

    @property
    def may_go_on(self) -> bool:
        """Whether the connection is good for another request, once the answer is whole."""
        if self._octets or not self._is_modern or self._body is None or not self._body.is_whole:
            return False
        return "close" not in _list(self._fields.get("connection", ""))

    def hears(self, octets: bytes) -> Answer | None:
        """Take octets; returns the answer once it is whole.

        A body that is longer than anybody keeps counts as whole then.

        Raises:
            Malformed: they are no answer.
        """
        self._octets += octets
        while self._body is None:
            line = line_of(self._octets, LONGEST_HEAD)
            if line is None:
                return None
            self._head += len(line) + 2
            if self._head > LONGEST_HEAD:
                raise Malformed("the fields of an answer are too long")
            self._reads(line)
        self._body.take(self._octets)
        is_enough = len(self._body.content) >= LONGEST_ANSWER
        return self._answer(self._body) if self._body.is_whole or is_enough else None

    def ended(self) -> Answer | None:
        """Hear that the connection has ended; returns the answer if that makes it whole."""
        if self._body is None or not self._body.ends_with_connection:
            return None
        return self._answer(self._body)

    def _answer(self, body: Body) -> Answer:
        return Answer(status=self._status, headers=self._fields, body=bytes(body.content))

    def _reads(self, line: bytes) -> None:
        """Take a line of the head."""
        if not self._status:
            self._reads_status(line)
        elif not line:
            if self._status < 200:  # RFC 9110 section 15.2: the answer itself follows.
                self._status, self._fields = 0, {}
            else:
                self._body = self._body_of()
        else:
            found = _FIELD.fullmatch(line)
            if found is None:
                raise Malformed("a header field is none")
            name, value = (each.decode("latin-1") for each in found.groups())
            self._reads_field(name.lower(), value.strip(" \t"))

    def _reads_status(self, line: bytes) -> None:
        found = _STATUS.fullmatch(line)
        if found is None:
            raise Malformed("there is no status")
        self._is_modern = found[1] != b"0"
        self._status = int(found[2])
        if self._status == 101:
            raise Malformed("another protocol than was asked for")

    def _reads_field(self, name: str, value: str) -> None:
        before = self._fields.get(name)
        if before is None:
            self._fields[name] = value
        elif name == "content-length" and before != value:
            raise Malformed("two lengths of one body")
        elif name in ("connection", "transfer-encoding"):
            self._fields[name] = f"{before}, {value}"

    def _body_of(self) -> Body:
        """Return what kind of body follows (RFC 9112 section 6.3)."""
        if self._status in WITHOUT_BODY:
            return Counted(0)
        coding = self._fields.get("transfer-encoding")
        length = self._fields.get("content-length")
        if coding is not None:
            if length is not None:
                raise Malformed("a length, and chunks as well")
            if _list(coding) == ["chunked"]:
                return Chunked()
            raise Malformed("a body in a coding that nobody has asked for")
        if length is None:
            return Endless()
        if not _LENGTH.fullmatch(length):
            raise Malformed("a length that is none")
        return Counted(int(length))


def _list(value: str) -> list[str]:
    return [each.strip().lower() for each in value.split(",") if each.strip()]
