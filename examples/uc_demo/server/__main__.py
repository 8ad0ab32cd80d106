"""Runs the demo server: `python -m examples.uc_demo.server --password-file FILE`."""

import sys
from pathlib import Path
from typing import Any

import click
from twisted.internet import reactor as installed_reactor

from examples.uc_demo.server.destinations import Destination, Route, Security
from examples.uc_demo.server.dialling import Dialling
from procall_mobility.protocols.rose.form import Form

FORMS = {form.value: form for form in Form}

reactor: Any = installed_reactor


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=7322, show_default=True)
@click.option("--ucsid", default="demo", show_default=True)
@click.option("--password-file", type=click.Path(path_type=Path), required=True)
@click.option("--form", type=click.Choice(list(FORMS)), default="json-header", show_default=True)
@click.option("--security", type=click.Choice([each.value for each in Security]), default="plain")
@click.option("--websocket", is_flag=True, help="Speak inside a WebSocket, as through a proxy.")
@click.option("--ca", type=click.Path(path_type=Path), help="Trust this authority (PEM).")
@click.option("--push", default="", metavar="URL", help="Post pushes there: .../push/v1/")
@click.option("--phone-page", default="", metavar="URL", help="Where people see their phones.")
def main(
    host: str,
    port: int,
    ucsid: str,
    password_file: Path,
    form: str,
    security: str,
    websocket: bool,
    ca: Path | None,
    push: str,
    phone_page: str,
) -> None:
    """Be a UC server with two users, alice and bob, that dials out to the daemon."""
    if websocket and security == Security.STARTTLS.value:
        raise click.UsageError(
            "a WebSocket begins with TLS or goes without: no --security starttls"
        )
    route = Route(Destination(host, port, Security(security)))
    password = password_file.read_text("utf-8").strip()
    server = Dialling(
        reactor, route, ucsid, password, FORMS[form], websocket, ca, push, phone_page
    )
    reactor.callWhenRunning(server.dial)
    reactor.addSystemEventTrigger("before", "shutdown", server.stop)
    reactor.run()


if __name__ == "__main__":
    sys.exit(main())
