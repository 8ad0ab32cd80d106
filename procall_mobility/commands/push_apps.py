"""`push app`: registers the applications that pushes can go to."""

import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click
from attrs import evolve

from procall_mobility.commands.changes import read, tell
from procall_mobility.commands.push_keys import key
from procall_mobility.commands.settings import Place, failed, json_option, show, table
from procall_mobility.config.small_files import read_small
from procall_mobility.gateway.customers import normalized
from procall_mobility.gateway.push.applications.options import OptionError, by_name, options_of
from procall_mobility.gateway.push.applications.registrations import Provider, Registration
from procall_mobility.gateway.push.providers.credentials import PushCredentials
from procall_mobility.gateway.push.providers.workshop import Workshop
from procall_mobility.protocols.push.credentials import CredentialError
from procall_mobility.storage.push_apps import PushAppStore

ResultT = TypeVar("ResultT")
CommandT = TypeVar("CommandT", bound=Callable[..., Any])

name_argument = click.argument("name", metavar="CHANNEL")
customer_option = click.option(
    "--customer",
    metavar="UCSID",
    callback=lambda _context, _parameter, value: None if value is None else normalized(value),
    help="For this customer alone; without it, for all.",
)
file_option = click.option(
    "--credential-file",
    "file",
    type=click.Path(path_type=Path),
    required=True,
    help="Key, certificate, secret or service account (docs/protocols/push); it stays there.",
)


def _provider_options(command: CommandT, *, of_credentials: bool = False) -> CommandT:
    """Add the options of all providers, or those that change with a credential."""
    for name, meant in reversed(by_name().items()):
        if of_credentials and not any(option.follows_credential for _, option in meant):
            continue
        whose = " ".join(f"{provider.value}: {option.help}" for provider, option in meant)
        choices = {each: None for _, option in meant for each in option.choices}
        kind = click.Choice(list(choices)) if choices else None
        command = click.option(_flag(name), name, type=kind, help=whose)(command)
    return command


def _options_of_credentials(command: CommandT) -> CommandT:
    return _provider_options(command, of_credentials=True)


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"


@click.group()
def app() -> None:
    """Register applications; what changes in their credentials' files is taken over by itself."""


app.add_command(key)


@app.command()
@name_argument
@click.option(
    "--provider",
    type=click.Choice([each.value for each in Provider]),
    required=True,
    help="Who carries.",
)
@file_option
@customer_option
@_provider_options
@json_option
@click.pass_obj
def add(
    place: Place, /, name: str, provider: str, file: Path, customer: str | None, as_json: bool,
    **options: str | None,
) -> None:  # fmt: skip
    """Register an application by the CHANNEL that customers' servers name."""
    told = Registration(
        name=name,
        ucsid=customer,
        provider=Provider(provider),
        credential=str(file.resolve()),
        options=_options(Provider(provider), options),
    )
    _try(told)
    _change(place, lambda store: store.add(told))
    show(_facts(told), lambda: f"{name} is registered", as_json=as_json)


@app.command("list")
@json_option
@click.pass_obj
def list_(place: Place, as_json: bool) -> None:
    """Show the applications that are registered."""
    apps = read(place, lambda store: PushAppStore(store).all())

    def text() -> str:
        rows = [("channel", "customer", "provider", "credential")]
        rows += [(each.name, each.ucsid or "all", each.provider.value, each.credential)
                 for each in apps]  # fmt: skip
        return table(rows) if apps else "no application is registered"

    show([_facts(each) for each in apps], text, as_json=as_json)


@app.command()
@name_argument
@file_option
@customer_option
@_options_of_credentials
@json_option
@click.pass_obj
def rotate(
    place: Place, /, name: str, file: Path, customer: str | None, as_json: bool,
    **options: str | None,
) -> None:  # fmt: skip
    """Use another file for an application's credential from now on."""
    known = read(place, lambda store: PushAppStore(store).all())
    told = next((each for each in known if (each.name, each.ucsid) == (name, customer)), None)
    if told is None:
        failed(f"there is no application {name} {_owner(customer)}")
    given = {**told.options, **{each: said for each, said in options.items() if said is not None}}
    path = str(file.resolve())
    told = evolve(told, credential=path, options=_options(told.provider, given))
    _try(told)
    changed = _change(
        place, lambda store: store.change_credential(name, customer, path, told.options)
    )
    show(_facts(changed), lambda: f"{name} uses {path} from now on", as_json=as_json)


@app.command()
@name_argument
@customer_option
@json_option
@click.pass_obj
def remove(place: Place, name: str, customer: str | None, as_json: bool) -> None:
    """Take an application away; pushes that wait for it are rejected."""
    _change(place, lambda store: store.remove(name, customer))
    show({"channel": name, "removed": True}, lambda: f"{name} is removed", as_json=as_json)


def _change(place: Place, change: Callable[[PushAppStore], ResultT]) -> ResultT:
    result = read(place, lambda store: change(PushAppStore(store)))
    tell(place, "push-apps-changed", "it will see by itself")
    return result


def _options(provider: Provider, given: Mapping[str, str | None]) -> dict[str, str]:
    """Return what was told of an application; ends the program when it is not what is needed."""
    try:
        return options_of(provider, given)
    except OptionError as error:
        raise click.UsageError(f"{_flag(error.name)} {error.why}") from None


def _try(told: Registration) -> None:
    """See whether the credential can be used at all; ends the program when it cannot."""
    path = Path(told.credential)
    credentials = PushCredentials(
        Workshop(wall_clock=time.time, clock=time.monotonic, dice=lambda: 0.0, entropy=os.urandom)
    )
    try:
        credentials.app(told, read_small(path))
    except OSError as error:
        failed(f"{path}: {error.strerror}")
    except CredentialError as error:
        failed(f"{path}: {error}")


def _owner(customer: str | None) -> str:
    return "for every customer" if customer is None else f"of {customer}"


def _facts(told: Registration) -> dict[str, Any]:
    return {
        "channel": told.name,
        "customer": told.ucsid,
        "provider": told.provider.value,
        "credential": told.credential,
        **told.options,
    }
