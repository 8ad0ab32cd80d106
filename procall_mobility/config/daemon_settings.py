"""The daemon itself: its name, certificate, logs, store, and who may look into it."""

from attrs import frozen

from procall_mobility.config import kinds
from procall_mobility.config.declaring import setting
from procall_mobility.config.kinds import flag, list_of, path, seconds
from procall_mobility.config.origins import origin

DATA = "/var/lib/procall-mobility"


@frozen(kw_only=True)
class Service:
    """This node, and what it is called from outside."""

    node: str = setting(
        "node1",
        kinds.matching(kinds.NODE, "node1"),
        "Name of this node in logs and in the status.",
    )
    origin: str = setting(
        "", origin, "What the look-up tells clients: scheme and host, no path. Needed."
    )
    data: str = setting(DATA, path, "Folder for what the daemon keeps.")


@frozen(kw_only=True)
class Tls:
    """The certificate; both files are read again when they change, and on SIGHUP."""

    certificate: str = setting(
        "/etc/procall-mobility/certificate.pem", path, "Certificate and its chain, PEM."
    )
    key: str = setting("/etc/procall-mobility/key.pem", path, "Its private key, PEM.")
    check_every: float = setting(10.0, seconds(1, 3600), "How often the files are looked at.")


@frozen(kw_only=True)
class Log:
    """The log books."""

    access: str = setting("journal", kinds.sink, "Links, sessions, pushes and refusals.")
    service: str = setting("journal", kinds.sink, "Start, stop and faults of the daemon.")
    format: str = setting("text", kinds.one_of("text", "json"), "For people or for machines.")
    level: str = setting(
        "info", kinds.one_of("debug", "info", "warn", "error"), "Least level of the service book."
    )
    pushes: str = setting(
        "calls", kinds.one_of("all", "calls", "none"), "Pushes that have a line in access."
    )


@frozen(kw_only=True)
class Store:
    """What is remembered."""

    path: str = setting(f"{DATA}/customers.sqlite", path, "SQLite file of the customers.")


@frozen(kw_only=True)
class Admin:
    """How the command line reaches the daemon, and whoever watches it."""

    socket: str = setting("/run/procall-mobility/admin.sock", path, "Unix socket, owner only.")
    http: tuple[tuple[str, int], ...] = setting(
        (),
        list_of(kinds.loopback_address),
        'Metrics and health by plain HTTP on this machine only, as in ["127.0.0.1:8081"].',
    )
    token_file: str = setting(
        "",
        path,
        "File with the token metrics are asked for with; admin.token in service.data when empty.",
    )
    customers_in_metrics: bool = setting(
        False,
        flag,
        "Count links, sessions, pushes and allocations of each customer by its name too.",
    )


@frozen(kw_only=True)
class Demo:
    """What only a demonstration wants."""

    web_root: str = setting("", path, "Folder shown under /demo/; nothing when empty.")
    origin_from_request: bool = setting(
        False, flag, "Answer look-ups with the scheme and host of the request."
    )
