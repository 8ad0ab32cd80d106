"""Connects to push providers, and to nobody who only says to be one."""

# mypy: allow-untyped-calls
# Twisted's TLS is typed in part only.

from collections.abc import Callable
from pathlib import Path
from typing import Any, assert_never

from attrs import Factory, field, frozen
from cryptography import x509
from OpenSSL.crypto import X509
from twisted.internet.defer import DeferredSemaphore
from twisted.internet.endpoints import HostnameEndpoint, wrapClientTLS
from twisted.internet.interfaces import IStreamClientEndpoint
from twisted.internet.ssl import Certificate as TrustedCertificate
from twisted.internet.ssl import optionsForClientTLS, platformTrust, trustRootFromCertificates

from procall_mobility.gateway.allowance import Allowance
from procall_mobility.gateway.push.applications.destinations import Destination, Wire
from procall_mobility.protocols.authority import split as split
from procall_mobility.protocols.push.apple_certificates import AppleCertificate
from procall_mobility.protocols.push.endpoints import EndpointPolicy
from procall_mobility.transports.certificate_files import (
    CertificateError,
    CertificateFacts,
    KeyPair,
)
from procall_mobility.transports.guarded_endpoint import MOST_LOOKUPS, GuardedEndpoint
from procall_mobility.transports.http1_client import Http1Client
from procall_mobility.transports.http1_pool import RULES as HTTP1_RULES
from procall_mobility.transports.http1_pool import Http1Pool
from procall_mobility.transports.http2.attempts import Origin
from procall_mobility.transports.http2.client_tls import ClientTls, TlsEndpoint
from procall_mobility.transports.http2_client import ClientRules, Http2Client
from procall_mobility.transports.negotiating_client import RULES as NEGOTIATING_RULES
from procall_mobility.transports.negotiating_client import NegotiatingClient
from procall_mobility.transports.provider_client import ProviderClient, allowed_lines
from procall_mobility.transports.pump import Household

CONNECTING = 10.0
"""Seconds for a connection to a provider."""


@frozen(kw_only=True)
class ProviderNetwork:
    """Connects to providers."""

    household: Household
    reactor: Any
    dice: Callable[[], float]
    """Fall between 0 and 1."""
    authorities: tuple[x509.Certificate, ...] | None
    """Who may have issued their certificates; None for those the system trusts."""
    _lookups: DeferredSemaphore = field(
        factory=lambda: DeferredSemaphore(MOST_LOOKUPS), init=False
    )
    """Of names that strangers name."""
    _lines: Allowance = field(
        default=Factory(lambda self: allowed_lines(self.household.now()), takes_self=True),
        init=False,
    )
    """About all of them together."""

    def connect(
        self, destination: Destination, capacity_changed: Callable[[], None]
    ) -> ProviderClient:
        """Return connections for a destination, which are made when they are started.

        Raises:
            CertificateError: OpenSSL does not want our certificate.
        """
        host, port = split(destination.host)
        tls = ClientTls(
            host,
            authorities=self.authorities,
            pair=_pair(destination.certificate),
            protocols=[each.encode() for each in destination.wire.value],
        )
        endpoint = TlsEndpoint(self._beneath(host, port, destination.policy), tls)
        lines = None if destination.policy is None else self._lines
        origin = Origin(authority=destination.host, endpoint=endpoint, lines=lines)
        shared = (origin, self.household, self.dice)
        match destination.wire:
            case Wire.HTTP1:
                return Http1Pool(*shared, HTTP1_RULES, capacity_changed)
            case Wire.HTTP2:
                return Http2Client(*shared, ClientRules(), capacity_changed)
            case Wire.EITHER:
                return NegotiatingClient(*shared, NEGOTIATING_RULES, capacity_changed)
            case _ as never:
                assert_never(never)

    def _beneath(
        self, host: str, port: int, policy: EndpointPolicy | None
    ) -> IStreamClientEndpoint:
        if policy is None:
            return HostnameEndpoint(self.reactor, host, port, CONNECTING)
        return GuardedEndpoint(self.reactor, host, port, CONNECTING, policy, self._lookups)

    def http1(self, authority: str) -> Http1Client:
        """Return what makes single requests to a host."""
        host, port = split(authority)
        trust = platformTrust()
        if self.authorities is not None:
            known = map(X509.from_cryptography, self.authorities)
            trust = trustRootFromCertificates([TrustedCertificate(each) for each in known])
        endpoint = wrapClientTLS(
            optionsForClientTLS(host, trust),
            HostnameEndpoint(self.reactor, host, port, CONNECTING),
        )
        return Http1Client(authority, endpoint, self.reactor)


def _pair(certificate: AppleCertificate | None) -> KeyPair | None:
    if certificate is None:
        return None
    facts = CertificateFacts(
        f"the certificate {certificate.mark}", tuple(certificate.topics), certificate.expires
    )
    return KeyPair(certificate.chain, certificate.key, facts)


def trusted(file: str) -> tuple[x509.Certificate, ...]:
    """Return the certificates in a PEM file.

    Raises:
        OSError: it cannot be read.
        CertificateError: there are none in it.
    """
    try:
        return tuple(x509.load_pem_x509_certificates(Path(file).read_bytes()))
    except ValueError as error:
        text = f"push.authorities: there are no certificates in PEM in {file}"
        raise CertificateError(text) from error
