"""Whether what is installed beside this program is there, and does what it is for."""

from collections.abc import Iterator

from attrs import frozen

from procall_mobility.diagnosis.findings import Finding, ok, unknown, warning, wrong

PUSH_LIBRARY, MASKING, DATAPATH = "push-library", "masking", "datapath"


@frozen(kw_only=True)
class PartFacts:
    """What pushes and WebSockets need."""

    takes_pushes: bool
    push_library: str | None
    """The version of libnghttp2; None where there is none."""
    masks_natively: bool


@frozen(kw_only=True)
class DatapathFacts:
    """Who relays media of bound channels."""

    choice: str
    """`auto`, `kernel` or `python`, as the settings have it."""
    carrier: str | None
    """`kernel`, `python`; None where it could not be found out."""
    why: str
    """Why it is not the kernel; or how it is with it."""
    as_daemon: bool
    """Found out from the daemon, or with all privileges."""
    is_for_itself: bool = False
    """The relay is on loopback alone, which no kernel's part is for."""


def judge_parts(parts: PartFacts) -> Iterator[Finding]:
    """Judge what is installed."""
    if not parts.takes_pushes:
        yield ok(PUSH_LIBRARY, "No pushes are taken: push.enabled is off.")
    elif parts.push_library is None:
        yield wrong(
            PUSH_LIBRARY,
            "push-library-missing",
            "libnghttp2 is not installed: no pushes are taken.",
            "`apt install libnghttp2-14`, then start the daemon again; or set push.enabled ="
            " false.",
        )
    else:
        yield ok(PUSH_LIBRARY, f"libnghttp2 {parts.push_library} carries pushes.")
    if parts.masks_natively:
        yield ok(MASKING, "WebSocket frames are unmasked by compiled code.")
    else:
        yield wrong(
            MASKING,
            "masking-slow",
            "WebSocket frames would be unmasked by Python, 50 times slower: the daemon does not"
            " start.",
            "Install autobahn with its NVX extension, or `apt install python3-wsaccel`.",
        )


def judge_datapath(facts: DatapathFacts) -> Iterator[Finding]:
    """Judge who relays."""
    if facts.carrier == "kernel":
        yield ok(DATAPATH, "The kernel can relay media of bound channels.")
    elif facts.choice == "python":
        yield ok(DATAPATH, "Python relays media: the settings say so.")
    elif facts.is_for_itself:
        yield ok(DATAPATH, "Python relays media: on loopback it always does.")
    elif facts.carrier is None or not facts.as_daemon:
        yield unknown(
            DATAPATH,
            "datapath-untold",
            f"Whether the kernel can relay media cannot be told from this account: {facts.why}.",
            "Look again as root: `sudo procall-mobility doctor`.",
        )
    else:
        judge = wrong if facts.choice == "kernel" else warning
        effect = "the daemon does not start" if facts.choice == "kernel" else "Python does, slower"
        yield judge(
            DATAPATH,
            "datapath-python",
            f"The kernel cannot relay media, and {effect}: {facts.why}.",
            'docs/datapath.md says what it needs; turn.datapath = "python" is content without.',
        )
