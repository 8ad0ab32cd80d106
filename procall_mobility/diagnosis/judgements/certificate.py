"""Whether clients will take the certificate: its key, its time, its names, its chain."""

import datetime
from collections.abc import Iterator
from typing import Final

from attrs import frozen

from procall_mobility.diagnosis.findings import Finding, ok, warning, wrong
from procall_mobility.diagnosis.judgements.files import FileFacts, judge_files
from procall_mobility.protocols.certificate_names import covers

CERTIFICATE = "certificate"

SOON: Final = datetime.timedelta(days=14)
"""A certificate of 90 days is renewed when 30 are left: something has failed for two weeks."""
SOON_OF_SHORT: Final = 5
"""Of one that lives for days only, a fifth of its life counts instead."""

LEAST_RSA_BITS: Final = 2048

NOT_YET, EXPIRED, SELF_SIGNED, SELF_SIGNED_ABOVE = 9, 10, 18, 19
"""What `X509_STORE_CTX_get_error` calls them (openssl/x509_vfy.h)."""


@frozen(kw_only=True)
class Distrust:
    """Why a chain does not lead to an authority this machine knows."""

    code: int
    depth: int
    """0 is the server's own certificate."""
    text: str


@frozen(kw_only=True)
class Shown:
    """What stands in the certificate."""

    subject: str
    begins: datetime.datetime
    ends: datetime.datetime
    dns_names: tuple[str, ...]
    addresses: tuple[str, ...]
    rsa_bits: int | None
    """None of a key of another kind."""
    last_issuer: str
    """Who has issued the last certificate in the file."""
    length: int
    """How many certificates are in the file."""
    distrust: Distrust | None


@frozen(kw_only=True)
class CertificateFacts:
    """The two files, and what is in them."""

    files: tuple[FileFacts, ...]
    host: str
    """Whom it is to name: of `service.origin`; empty where nothing is told to clients."""
    now: datetime.datetime
    problem: str | None = None
    """Why the pair cannot be used, in `certificate_files`' words: what, semicolon, cure."""
    is_key_of_another: bool = False
    shown: Shown | None = None
    daemon_shows_until: datetime.datetime | None = None
    """When the certificate ends that the running daemon shows."""


def judge_certificate(facts: CertificateFacts) -> Iterator[Finding]:
    """Judge all of it."""
    found = [*judge_files(CERTIFICATE, facts.files), *_judge(facts)]
    yield from found
    if not found and facts.shown is not None:
        until = f"{facts.shown.ends:%Y-%m-%d}"
        whose = f" for {facts.host}" if facts.host else ""
        yield ok(CERTIFICATE, f"The certificate{whose} is good until {until}.")


def _judge(facts: CertificateFacts) -> Iterator[Finding]:
    if facts.problem is not None:
        what, _, cure = facts.problem.partition("; ")
        reason = "key-of-another" if facts.is_key_of_another else "certificate-unusable"
        yield wrong(CERTIFICATE, reason, f"{what}.", f"{cure[:1].upper()}{cure[1:]}.")
    shown = facts.shown
    if shown is None:
        return
    yield from _judge_time(shown, facts.now)
    if facts.host and not covers(shown.dns_names, shown.addresses, facts.host):
        yield _judge_name(shown, facts.host)
    if shown.rsa_bits is not None and shown.rsa_bits < LEAST_RSA_BITS:
        yield wrong(
            CERTIFICATE,
            "certificate-weak",
            f"The certificate's RSA key has {shown.rsa_bits} bits; clients refuse that.",
            "Have one issued for an ECDSA P-256 key, or an RSA key of 2048 bits or more.",
        )
    if shown.distrust is not None:
        yield from _judge_chain(shown, shown.distrust)
    daemons = facts.daemon_shows_until
    if daemons is not None and daemons != shown.ends:
        yield warning(
            CERTIFICATE,
            "certificate-not-loaded",
            f"The running daemon shows another certificate, which ends on {daemons:%Y-%m-%d};"
            f" the one in the file ends on {shown.ends:%Y-%m-%d}.",
            "`systemctl reload procall-mobility`; the service log says why a file was not taken.",
        )


def _judge_time(shown: Shown, now: datetime.datetime) -> Iterator[Finding]:
    left = shown.ends - now
    if left <= datetime.timedelta(0):
        yield wrong(
            CERTIFICATE,
            "certificate-expired",
            f"The certificate has expired on {shown.ends:%Y-%m-%d %H:%M} UTC; clients refuse it.",
            "Install a renewed one, and see why it was not renewed in time; the daemon takes it"
            " over by itself.",
        )
    elif now < shown.begins:
        yield wrong(
            CERTIFICATE,
            "certificate-not-yet-valid",
            f"The certificate is good from {shown.begins:%Y-%m-%d %H:%M} UTC on, and by this"
            f" machine's clock it is {now:%Y-%m-%d %H:%M}.",
            "Set the clock right (`timedatectl`), or wait until then.",
        )
    elif left < min(SOON, (shown.ends - shown.begins) / SOON_OF_SHORT):
        yield warning(
            CERTIFICATE,
            "certificate-ends-soon",
            f"The certificate expires on {shown.ends:%Y-%m-%d %H:%M} UTC.",
            "Renew it; where that is done automatically, find out why it was not.",
        )


def _judge_name(shown: Shown, host: str) -> Finding:
    names = ", ".join((*shown.dns_names, *shown.addresses)) or "nobody"
    return wrong(
        CERTIFICATE,
        "certificate-other-name",
        f"Clients are told to go to {host}, and the certificate is for {names}.",
        f"Have one issued that names {host}; or correct service.origin.",
    )


def _judge_chain(shown: Shown, distrust: Distrust) -> Iterator[Finding]:
    if distrust.code in (NOT_YET, EXPIRED):
        if distrust.depth > 0:
            yield wrong(
                CERTIFICATE,
                "chain-expired",
                f"A certificate above the server's own is out of its time: {distrust.text}.",
                "Fetch the chain anew from whoever has issued the certificate.",
            )
    elif distrust.code in (SELF_SIGNED, SELF_SIGNED_ABOVE):
        yield wrong(
            CERTIFICATE,
            "chain-untrusted",
            f"The certificate is of {shown.last_issuer}, an authority this machine does not know;"
            " phones and browsers do not, either.",
            "Have one issued by a public authority. Where all clients were told of this one,"
            " tell it to this check too: --ca FILE.",
        )
    else:
        yield wrong(
            CERTIFICATE,
            "chain-incomplete",
            f"The chain of {shown.length} in the certificate's file ends at {shown.last_issuer},"
            f" which this machine does not know: {distrust.text}.",
            "Put the certificates in between into the file, after the server's own: fullchain.pem,"
            " not cert.pem. Of a private authority all clients have to be told; tell it to this"
            " check by --ca FILE.",
        )
