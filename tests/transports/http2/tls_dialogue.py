"""What a provider hears and says within TLS."""

from tests.transports.http2.provider import Provider
from tests.transports.http2.tls import TlsServer


def converse(tls: TlsServer, provider: Provider) -> None:
    for _ in range(4):
        provider.hears(tls.hears())
        if said := provider.says():
            tls.says(said)
