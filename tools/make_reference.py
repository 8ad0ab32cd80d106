"""Makes the page of routes, close codes and reason codes from the code that knows them.

Usage: python -m tools.make_reference   (writes docs/reference.md; a test holds it to it)
"""

from pathlib import Path

from procall_mobility.gateway.reasons import Reason
from procall_mobility.gateway.session_desk import CLOSE_CODES
from procall_mobility.protocols.ucclient.socket_rules import CloseCode

FILE = Path(__file__).parents[1] / "docs/reference.md"

ROUTES = {
    "/controller/client/ucws?ucsid=": (
        "anonymous",
        'look-up: 200 with `{"redirect": origin}`, or 204',
        "1.1",
    ),
    "/controller/server/ucws?ucsid=": (
        "anonymous",
        'nodes a customer\'s server should dial: `{"redirect": [addresses]}`',
        "5.1",
    ),
    "/ws/client/ucserverversion?ucsid=": (
        "anonymous",
        "protocol version of the customer's server, or 204",
        "1.2",
    ),
    "/ws/client/createsession": (
        "log-on",
        "creates a session; 200, 401, 400, 502, 503, 504",
        "2.3",
    ),
    "/ws/client/destroysession": ("session", "ends it; 200 or 403", "2.1"),
    "/ws/client/asnOperation": ("session", "one call; 200 with the bare result, 400, 403", "2.1"),
    "/ws/direct/asnOperation": ("log-on per call", "log on, call, log off", "2.1"),
    "/ws/public/contacts?ucsid=": ("anonymous", "off unless a customer's switch is on", "2.9"),
}

OTHERS = {
    "/ws/client/websocket[/]?x-ucsessionid=": ("session", "a client's WebSocket", "3"),
    "/ws/ucserver, /ws/server, /ucserver, /ws/server/websocket": (
        "registration",
        "a customer's server (setting `a24_link_paths`)",
        "5.1",
    ),
    "/turn/v1/credentials": (
        "customer's password",
        "POST only: credentials for the relay; 200, 400, 401, 403, 429, 503",
        "-",
    ),
    "/demo/": ("anonymous", "files of the demo, when `demo.web_root` is set", "-"),
}

MEANINGS = {
    CloseCode.LOGGED_OFF: "logged off, destroyed, or replaced by a newer WebSocket",
    CloseCode.DRAINING: "this node is going down; look up again",
    CloseCode.SESSION_ENDED: "the session has ended, or the client broke a limit",
    CloseCode.TOO_BIG: "a message exceeds the limit",
    CloseCode.INTERNAL: "a fault of the daemon",
    CloseCode.LINK_LOST: "the customer's server is gone; look up again",
    CloseCode.BUSY: "the client takes messages slower than they come",
}


def page() -> str:
    """Return the page."""
    lines = [
        "# Reference",
        "",
        "Made by `python -m tools.make_reference`.",
        "Settings have [a page of their own](settings.md).",
        "",
        "## Routes",
        "",
        "GET and POST mean the same, where nothing else is said; OPTIONS answers CORS preflights.",
        "",
        "| route | who | what | Wire |",
        "|---|---|---|---|",
    ]
    for route, (who, what, section) in {**ROUTES, **OTHERS}.items():
        lines.append(f"| `{route}` | {who} | {what} | {section} |")
    lines += ["", "## Close codes of a client's WebSocket", "", "| code | meaning | reasons |"]
    lines.append("|---|---|---|")
    for code, meaning in MEANINGS.items():
        reasons = ", ".join(f"`{reason}`" for reason, each in CLOSE_CODES.items() if each is code)
        lines.append(f"| {int(code)} | {meaning} | {reasons or '-'} |")
    lines += [
        "",
        "Reasons that are not listed close with 1008. Errors of autobahn's own (1002, 1007, 1009)",
        "mean a broken frame, text that is not UTF-8, or a frame beyond the limit.",
        "",
        "## Reason codes",
        "",
        "The access book and refusals use these.",
        "",
        "| code | in words |",
        "|---|---|",
    ]
    lines += [f"| `{reason.value}` | {reason.text} |" for reason in Reason]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write the page."""
    FILE.write_text(page(), "utf-8")


if __name__ == "__main__":
    main()
