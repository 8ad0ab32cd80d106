"""Whether the ports that the settings name can be had, and if not, who has them."""

import errno
from collections.abc import Iterator

from attrs import frozen

from procall_mobility.diagnosis.findings import Finding, ok, unknown, wrong

PORTS = "ports"


@frozen(kw_only=True)
class PortFacts:
    """One address that is to be listened on."""

    setting: str
    host: str
    port: int
    is_udp: bool
    daemon_has_it: bool
    """The running daemon listens there."""
    error: int | None = None
    """Why it could not be had, an `errno`; None where it could, or nobody had to try."""
    holders: tuple[str, ...] = ()
    """Who has it, as `nginx (1234)`; empty where the system does not tell."""

    @property
    def place(self) -> str:
        """Return it as people write it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port} ({'UDP' if self.is_udp else 'TCP'})"


def judge_ports(
    ports: list[PortFacts], *, daemon_runs: bool, as_daemon: bool
) -> Iterator[Finding]:
    """Judge them.

    Args:
        ports: all that the settings name.
        daemon_runs: whether one answers.
        as_daemon: whether they were tried with the rights of the daemon's own account, or more.
    """
    found = [
        finding
        for each in ports
        for finding in _judge(each, daemon_runs=daemon_runs, as_daemon=as_daemon)
    ]
    yield from found
    if not found and ports:
        said = "are listened on" if daemon_runs else "can be had"
        yield ok(PORTS, f"All {len(ports)} addresses that the settings name {said}.")


def _judge(port: PortFacts, *, daemon_runs: bool, as_daemon: bool) -> Iterator[Finding]:
    if port.daemon_has_it:
        return
    match port.error:
        case None if not daemon_runs:
            return
        case None:
            yield wrong(
                PORTS,
                "not-listened-on",
                f"{port.setting} names {port.place}, and the running daemon does not listen"
                " there.",
                "The settings have changed since it was started: `systemctl restart"
                " procall-mobility`.",
            )
        case errno.EADDRINUSE:
            yield _taken(port)
        case errno.EACCES:
            yield _forbidden(port, as_daemon=as_daemon)
        case errno.EADDRNOTAVAIL:
            yield wrong(
                PORTS,
                "address-not-here",
                f"{port.setting} names {port.place}, and this machine does not have that address.",
                f"`ip address` shows which it has; correct {port.setting}.",
            )
        case errno.EAFNOSUPPORT:
            return  # The machine has no IPv6 at all, which is told as such.
        case number:
            yield wrong(
                PORTS,
                "not-to-be-had",
                f"{port.setting} names {port.place}, which cannot be had: {_words(number)}.",
                f"Correct {port.setting}, or cure what keeps the system from opening it.",
            )


def _taken(port: PortFacts) -> Finding:
    if port.holders:
        whom = " and ".join(port.holders)
        cure = f"Stop {whom}, or have it listen elsewhere; or change {port.setting}."
    else:
        whom = "another program"
        options = "-lunp" if port.is_udp else "-ltnp"
        cure = f"`sudo ss {options}` shows by whom; stop it, or change {port.setting}."
    return wrong(
        PORTS,
        "port-taken",
        f"{port.setting} names {port.place}, and {whom} has that port.",
        cure,
    )


def _forbidden(port: PortFacts, *, as_daemon: bool) -> Finding:
    what = f"{port.setting} names {port.place}, which this account may not open"
    if as_daemon:
        return wrong(
            PORTS,
            "port-privilege",
            f"{what}: ports this low need CAP_NET_BIND_SERVICE.",
            "Start the daemon by its systemd unit, which has it; or lower"
            " net.ipv4.ip_unprivileged_port_start by sysctl.",
        )
    return unknown(
        PORTS,
        "port-privilege-untold",
        f"{what}; the daemon's systemd unit has the privilege, CAP_NET_BIND_SERVICE.",
        "Look again as root: `sudo procall-mobility doctor`.",
    )


def _words(number: int) -> str:
    return errno.errorcode.get(number, str(number))
