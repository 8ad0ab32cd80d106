"""Twisted's TLS layer without its detours on every read and write.

Twisted's own spends more on a fresh buffer of 32 KiB for each read, and on an exception at the end
of each read, than OpenSSL does on deciphering.  This one reads into one buffer for all connections
and asks for the error instead of having it raised; handshake, shutdown and producers stay
Twisted's.  It needs private names of pyOpenSSL and Twisted, and stands aside when one is missing.
"""

# mypy: allow-untyped-calls, allow-any-generics
# Twisted's wrappers are typed in part only.

from typing import Any

from OpenSSL import SSL
from twisted.protocols.tls import TLSMemoryBIOProtocol
from twisted.python.failure import Failure

RECORD = 2**14
"""Octets of the largest TLS record (RFC 8446 section 5.1)."""

SCRATCH_SIZE = 2 * RECORD
"""More than a record with its overhead."""

_lib: Any = getattr(SSL, "_lib", None)
_ffi: Any = getattr(SSL, "_ffi", None)


def may_be_lean(connection: type, layer: type) -> bool:
    """Tell whether everything private that `LeanLayer` builds on is there."""
    names = ("SSL_read", "SSL_write", "SSL_get_error", "BIO_read", "SSL_ERROR_WANT_READ")
    methods = ("_flushReceiveBIO", "_flushSendBIO", "_write", "_tlsShutdownFinished")
    return (
        all(hasattr(_lib, name) for name in names)
        and hasattr(_ffi, "buffer")
        and hasattr(connection, "_raise_ssl_error")
        and all(hasattr(layer, name) for name in (*methods, "_shutdownTLS", "_bufferedWrite"))
        and {"_ssl", "_from_ssl"} <= set(_attributes(connection))
    )


def _attributes(connection: type) -> tuple[str, ...]:
    """Return the names a connection's methods use; instances cannot be looked at before one is."""
    methods = (vars(connection).get(name) for name in ("recv", "bio_read"))
    return tuple(
        name
        for method in methods
        if method is not None
        for name in getattr(method, "__code__", method).co_names
    )


class LeanLayer(TLSMemoryBIOProtocol):
    """One connection's TLS; `write` sends at once."""

    _tlsConnection: Any
    _lostTLSConnection: bool
    _aborted: bool
    transport: Any

    def _flushReceiveBIO(self) -> None:
        """Deliver everything that can be deciphered."""
        connection = self._tlsConnection
        ssl = connection._ssl
        while not self._lostTLSConnection:
            length = _read(ssl, _scratch, SCRATCH_SIZE)
            if length > 0:
                if not self._aborted:
                    # A copy: the protocol may cause another connection to be read.
                    self.wrappedProtocol.dataReceived(_octets(_scratch, length)[:])
                continue
            if _error(ssl, length) == _want_read:
                break
            self._ended(connection, length)
        if self._tlsConnection is not None:
            self._flushSendBIO()

    def _ended(self, connection: Any, result: int) -> None:
        """OpenSSL has nothing more to say to us, for good or for a fault."""
        try:
            connection._raise_ssl_error(connection._ssl, result)
        except SSL.ZeroReturnError:
            self._shutdownTLS()
            self._tlsShutdownFinished(None)
        except SSL.Error:
            self._tlsShutdownFinished(Failure())

    def _flushSendBIO(self) -> None:
        """Pass on what OpenSSL wants sent."""
        length = _take(self._tlsConnection._from_ssl, _scratch, SCRATCH_SIZE)
        if length > 0:
            self.transport.write(_octets(_scratch, length)[:])

    def _write(self, data: bytes) -> None:
        """Encipher and send; what cannot go now waits in Twisted's buffer."""
        if self._lostTLSConnection:
            return
        connection = self._tlsConnection
        ssl, ready = connection._ssl, connection._from_ssl
        sent, parts = 0, []
        while sent < len(data):
            piece = data if len(data) <= RECORD else data[sent : sent + RECORD]
            length = _send(ssl, piece, len(piece))
            if length <= 0:
                break
            sent += length
            taken = _take(ready, _scratch, SCRATCH_SIZE)
            if taken > 0:
                parts.append(_octets(_scratch, taken)[:])
        if parts:
            self._pass_on(parts[0] if len(parts) == 1 else b"".join(parts))
        if sent < len(data):
            # The unusual: Twisted's way, which tells waiting from failing.
            super()._write(data[sent:])

    def _pass_on(self, octets: bytes) -> None:
        """Write what is enciphered."""
        self.transport.write(octets)


def stand_aside(layer: type) -> None:
    """Leave everything to Twisted."""
    for name in ("_flushReceiveBIO", "_flushSendBIO", "_write"):
        delattr(layer, name)


if may_be_lean(SSL.Connection, TLSMemoryBIOProtocol):
    _read, _send, _error = _lib.SSL_read, _lib.SSL_write, _lib.SSL_get_error
    _take, _octets = _lib.BIO_read, _ffi.buffer
    _want_read = _lib.SSL_ERROR_WANT_READ
    _scratch = _ffi.new("char[]", SCRATCH_SIZE)
else:  # pragma: no cover  # No release is known in which this happens.
    stand_aside(LeanLayer)
