"""The TLS layer connections use."""

from twisted.protocols.tls import TLSMemoryBIOProtocol

Layer = TLSMemoryBIOProtocol
