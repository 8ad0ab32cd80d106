"""Whether the providers that customers' pushes go to can be reached, and are who they say."""

import enum
from collections.abc import Iterable, Iterator

from attrs import frozen

from procall_mobility.diagnosis.findings import Finding, ok, unknown, wrong

PROVIDERS = "providers"


class Obstacle(enum.StrEnum):
    """What keeps us from a provider."""

    NAME = "provider-name"
    SILENCE = "provider-silent"
    REFUSED = "provider-refused"
    UNTRUSTED = "provider-untrusted"
    TIME = "provider-time"
    TLS = "provider-tls"


@frozen(kw_only=True)
class ProviderFacts:
    """A provider, and how it was to call it."""

    place: str
    """`host:port`"""
    uses: tuple[str, ...]
    """Whose pushes go there: names of providers, `apns`, `fcm` ..."""
    milliseconds: float | None = None
    """To connect, with TLS; None where that failed."""
    obstacle: Obstacle | None = None
    detail: str = ""
    """In the words of the system or of OpenSSL."""


WHATS = {
    Obstacle.NAME: "its name leads nowhere",
    Obstacle.SILENCE: "it does not answer",
    Obstacle.REFUSED: "the connection is refused",
    Obstacle.UNTRUSTED: "whoever answers there shows a certificate that is not good",
    Obstacle.TIME: "its certificate seems out of its time",
    Obstacle.TLS: "whoever answers there does not speak TLS as it does",
}
CURES = {
    Obstacle.NAME: "Look at /etc/resolv.conf, and whether the resolver it names answers; or"
    " correct push.hosts.",
    Obstacle.SILENCE: "Let connections out: firewalls have to allow TCP to this port.",
    Obstacle.REFUSED: "Something in between refuses: let connections out to this port.",
    Obstacle.UNTRUSTED: "A proxy in between opens TLS: have it leave this host alone. Or install"
    " the authorities: `apt install ca-certificates`, or push.authorities.",
    Obstacle.TIME: "Set this machine's clock right: `timedatectl` shows how it is.",
    Obstacle.TLS: "A proxy in between opens or blocks TLS: have it leave this host alone.",
}


def judge_providers(
    providers: Iterable[ProviderFacts], authorities: str = "", problem: str | None = None
) -> Iterator[Finding]:
    """Judge each.

    Args:
        providers: those that were called.
        authorities: what push.authorities names.
        problem: why that cannot be used, so that nobody was called; None where it can.
    """
    providers = list(providers)
    if problem is not None:
        yield wrong(
            PROVIDERS,
            "provider-authorities",
            f"push.authorities names {authorities}, which cannot be used: {problem}.",
            "Install the certificates of the authorities there, in PEM; or correct"
            " push.authorities.",
        )
    for each in providers:
        whose = ", ".join(each.uses)
        if each.obstacle is None:
            took = f"{each.milliseconds:.0f} ms" if each.milliseconds is not None else "time"
            yield ok(PROVIDERS, f"{each.place} ({whose}) is reached within {took}.")
            continue
        detail = f" ({each.detail})" if each.detail else ""
        yield wrong(
            PROVIDERS,
            each.obstacle.value,
            f"{each.place} cannot be used for pushes by {whose}: {WHATS[each.obstacle]}{detail}.",
            CURES[each.obstacle],
        )
    if not providers and problem is None:
        yield ok(PROVIDERS, "No application is registered whose provider is known beforehand.")


def applications_unread() -> Finding:
    """Return that nobody knows who would have to be called."""
    return unknown(
        PROVIDERS,
        "applications-unread",
        "Which applications are registered cannot be told: the store cannot be read from this"
        " account, or is of another version.",
        "Look again as root: `sudo procall-mobility doctor`; a store of an older version is"
        " brought to this one when the daemon starts.",
    )
