"""One client session of libnghttp2: octets in, octets out, calls to whoever listens.

C code knows a session by a number in a table: Python objects do not travel through it.  What a
listener raises comes out of the call of `Session` that caused it, whole, and ends the session.
"""

import functools
import itertools
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol, TypeVar

from attrs import frozen

from procall_mobility.transports.http2 import fields, library

CALLBACK_FAILURE = -902
"""NGHTTP2_ERR_CALLBACK_FAILURE."""

END_OF_BODY = 0x01
"""NGHTTP2_DATA_FLAG_EOF."""


_F = TypeVar("_F")


class Broken(Exception):
    """libnghttp2 has given the session up; the text is its own."""


class Listener(Protocol):
    """Who is told of what a session hears."""

    def on_header(self, stream: int, name: bytes, value: bytes) -> None:
        """One field of an answer's header or trailer section."""

    def on_data(self, stream: int, octets: bytes) -> None:
        """A piece of an answer's body."""

    def on_frame(self, kind: int, flags: int, stream: int) -> None:
        """A whole frame; its fields or its data were told before."""

    def on_goaway(self, last_stream: int, code: int, debug: bytes) -> None:
        """The peer takes no more requests."""

    def on_closed(self, stream: int, code: int) -> None:
        """A stream is over, by whomever; the code is RFC 9113's."""

    def on_violation(self, why: str) -> None:
        """The peer broke the rules; libnghttp2 ends the stream or the session."""

    def body(self, stream: int, most: int) -> tuple[bytes, bool]:
        """Return the next piece of a request's body, and whether it is the last."""


@frozen
class _Native:
    """What all sessions share."""

    lib: Any
    ffi: Any
    callbacks: Any
    provider: Any
    nothing: Any
    arena: Any
    """Where the fields of the request that is being submitted are, to be written into; libnghttp2
    copies them."""
    address: int
    listeners: dict[int, Listener]
    raised: list[BaseException]
    keep: Sequence[object]
    """The callbacks' Python halves, which must outlive every session."""


FRAME_GOAWAY = 0x07


@functools.cache
def _native() -> _Native:
    loaded = library.load()
    ffi, lib = loaded.ffi, loaded.lib
    listeners: dict[int, Listener] = {}
    raised: list[BaseException] = []
    buffer, cast = ffi.buffer, ffi.cast

    def note(_kind: type[BaseException], error: BaseException, _traceback: object) -> None:
        raised.append(error)

    def callback(signature: str) -> Callable[[_F], _F]:
        made: Callable[[_F], _F] = ffi.callback(signature, error=CALLBACK_FAILURE, onerror=note)
        return made

    @callback(
        "int(uintptr_t, nghttp2_frame_hd *, char *, size_t, char *, size_t, uint8_t, uintptr_t)"
    )
    def on_header(
        _session: int, frame: Any, name: Any, length: int, value: Any, size: int, _: int, key: int
    ) -> int:
        listeners[key].on_header(frame.stream_id, buffer(name, length)[:], buffer(value, size)[:])
        return 0

    @callback("int(uintptr_t, uint8_t, int32_t, char *, size_t, uintptr_t)")
    def on_data(_session: int, _flags: int, stream: int, data: Any, length: int, key: int) -> int:
        listeners[key].on_data(stream, buffer(data, length)[:])
        return 0

    @callback("int(uintptr_t, nghttp2_frame_hd *, uintptr_t)")
    def on_frame(_session: int, frame: Any, key: int) -> int:
        kind = frame.type
        if kind == FRAME_GOAWAY:
            goaway = cast("nghttp2_goaway *", frame)
            length = goaway.opaque_data_len
            debug = buffer(goaway.opaque_data, length)[:] if length else b""
            listeners[key].on_goaway(goaway.last_stream_id, goaway.error_code, debug)
        else:
            listeners[key].on_frame(kind, frame.flags, frame.stream_id)
        return 0

    @callback("int(uintptr_t, int32_t, uint32_t, uintptr_t)")
    def on_closed(_session: int, stream: int, code: int, key: int) -> int:
        listeners[key].on_closed(stream, code)
        return 0

    @callback("int(uintptr_t, uintptr_t, int, uintptr_t)")
    def on_violation(_session: int, _frame: int, error: int, key: int) -> int:
        listeners[key].on_violation(_text(ffi, lib.nghttp2_strerror(error)))
        return 0

    @callback("ssize_t(uintptr_t, int32_t, char *, size_t, uint32_t *, uintptr_t, uintptr_t)")
    def read(
        _session: int, stream: int, to: Any, most: int, flags: Any, _source: int, key: int
    ) -> int:
        piece, is_last = listeners[key].body(stream, most)
        buffer(to, len(piece))[:] = piece
        if is_last:
            flags[0] = END_OF_BODY
        return len(piece)

    found = ffi.new("void **")
    lib.nghttp2_session_callbacks_new(found)
    callbacks = found[0]
    lib.nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header)
    lib.nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data)
    lib.nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame)
    lib.nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_closed)
    lib.nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(callbacks, on_violation)
    provider = ffi.new("nghttp2_data_provider *", {"source": 0, "read_callback": read})
    arena = ffi.new("char[]", fields.MOST_OCTETS)
    return _Native(
        lib=lib,
        ffi=ffi,
        callbacks=callbacks,
        provider=provider,
        nothing=ffi.NULL,
        arena=buffer(arena),
        address=int(cast("uintptr_t", arena)),
        listeners=listeners,
        raised=raised,
        keep=(on_header, on_data, on_frame, on_closed, on_violation, read),
    )


def _text(ffi: Any, words: Any) -> str:
    return str(ffi.string(words).decode("ascii", "replace"))


_keys = itertools.count(1)


class Session:
    """A session; `end` it, or it stays for ever."""

    def __init__(self, listener: Listener, settings: Iterable[tuple[int, int]]) -> None:
        """Begin with a SETTINGS frame.

        Raises:
            LibraryMissing: there is no libnghttp2.
        """
        self._native = native = _native()
        self._lib = native.lib
        self._key = next(_keys)
        self._out = native.ffi.new("char **")
        place = native.ffi.new("nghttp2_session **")
        self._succeed(native.lib.nghttp2_session_client_new(place, native.callbacks, self._key))
        self._session: Any = place[0]
        native.listeners[self._key] = listener
        entries = native.ffi.new("nghttp2_settings_entry[]", list(settings))
        self._succeed(self._lib.nghttp2_submit_settings(self._session, 0, entries, len(entries)))

    def end(self) -> None:
        """Free the session; nothing but `end` may be called after this.

        Anything else is a `TypeError` then, as C gets no pointer.
        """
        if self._native.listeners.pop(self._key, None) is not None:
            self._lib.nghttp2_session_del(self._session)
            self._session = None

    def hears(self, octets: bytes) -> None:
        """Take what the peer sent.

        Raises:
            Broken: nothing more can be said or heard.
        """
        self._succeed(self._lib.nghttp2_session_mem_recv(self._session, octets, len(octets)))

    def says(self) -> bytes:
        """Return everything that is to be sent, bodies included as far as windows allow.

        Raises:
            Broken: nothing more can be said or heard.
        """
        send, session, out = self._lib.nghttp2_session_mem_send, self._session, self._out
        buffer = self._native.ffi.buffer
        frames = []
        while (length := send(session, out)) > 0:
            frames.append(buffer(out[0], length)[:])
        self._succeed(length)
        return frames[0] if len(frames) == 1 else b"".join(frames)

    def submit(self, names: tuple[str, ...], values: Sequence[str], *, has_body: bool) -> int:
        """Begin a request and return its stream; the body is asked for by `says`.

        Raises:
            ValueError: the header is none.
            Broken: the session takes no more requests.
        """
        native = self._native
        text, places = fields.lay_out(names, values, native.address)
        native.arena[: len(text)] = text
        provider = native.provider if has_body else native.nothing
        stream: int = self._lib.nghttp2_submit_request(
            self._session, 0, places, len(names), provider, 0
        )
        if stream < 0:
            self._succeed(stream)
        return stream

    def reset(self, stream: int, code: int) -> None:
        """End a stream by RST_STREAM; a request that was not sent yet is taken back."""
        self._succeed(self._lib.nghttp2_submit_rst_stream(self._session, 0, stream, code))

    def ping(self) -> None:
        """Ask for a sign of life."""
        self._succeed(self._lib.nghttp2_submit_ping(self._session, 0, self._native.ffi.NULL))

    def terminate(self, code: int) -> None:
        """Say GOAWAY; after what `says` returns then, there is nothing more."""
        self._succeed(self._lib.nghttp2_session_terminate_session(self._session, code))

    def was_begun(self, stream: int) -> bool:
        """Tell whether the header of a request has left, of a stream that is not over."""
        begun = self._lib.nghttp2_session_find_stream(self._session, stream)
        return bool(begun != self._native.ffi.NULL)

    def peers(self, setting: int) -> int:
        """Return the value of one of the peer's settings."""
        return int(self._lib.nghttp2_session_get_remote_settings(self._session, setting))

    @property
    def is_over(self) -> bool:
        """Whether there is nothing more to say or to hear."""
        return not (
            self._lib.nghttp2_session_want_read(self._session)
            or self._lib.nghttp2_session_want_write(self._session)
        )

    def _succeed(self, result: int) -> None:
        if self._native.raised:
            raise self._native.raised.pop()
        if result < 0:
            raise Broken(_text(self._native.ffi, self._lib.nghttp2_strerror(result)))


def error_name(code: int) -> str:
    """Return RFC 9113's name of an error code."""
    native = _native()
    return _text(native.ffi, native.lib.nghttp2_http2_strerror(code))
