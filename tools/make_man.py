"""Makes the manual pages from the commands and the settings themselves.

Usage: python -m tools.make_man FOLDER   (as the Debian package does when it is built)
"""

import inspect
import sys
from collections.abc import Iterator
from pathlib import Path

import attrs
import click

from procall_mobility import __version__, cli
from procall_mobility.config.commented_file import rows, sections
from procall_mobility.config.settings import Settings
from tools.troff import Lines, example, head, listed, paragraphs, section, subsection, text

NAME = "procall-mobility"
FILE = f"/etc/{NAME}/{NAME}.toml"

ABOUT = """
One daemon takes in customers' UC servers, which dial out to it, and the clients of their users;
it passes on what they say to each other, relays their media by STUN and TURN, and wakes sleeping
phones.  systemd runs it as the service procall-mobility; the commands below look after it.
"""

EXIT_STATUS = (
    ("0", "Done."),
    ("1", "Failed; standard error says why and what helps."),
    ("2", "The command was not understood."),
    ("78", "The settings file cannot be used; all its errors are told."),
)

FILES = (
    (FILE, f"The settings, see {NAME}.toml(5)."),
    (f"/var/lib/{NAME}", "What the daemon keeps: customers, keys, pushes that wait."),
    (f"/run/{NAME}/admin.sock", "How the commands reach the running daemon."),
)

ENVIRONMENT = (
    ("PROCALL_MOBILITY_CONFIG", "The settings file, where --config names none."),
    ("NOTIFY_SOCKET, WATCHDOG_USEC, WATCHDOG_PID", "Set by systemd, see sd_notify(3)."),
)

ABOUT_FILE = """
The settings file is TOML.  Every setting has a default, but service.origin is needed.  Unknown
names are errors.  Times are seconds, sizes octets.

Passwords and other secrets never stand in the file, only the paths of files that hold them.
"""

EXAMPLE = (
    "[service]",
    'origin = "https://mobility.example.net"',
    "",
    "[tls]",
    'certificate = "/etc/procall-mobility/certificate.pem"',
    'key = "/etc/procall-mobility/key.pem"',
)


def pages() -> dict[str, str]:
    """Return the texts of all pages, by the names of their files."""
    with click.Context(cli.main, info_name=NAME, **cli.main.context_settings) as context:
        commands = dict(_inside(cli.main, context))
        found = {f"{NAME}.1": _main_page(context, commands)}
        for name, command in commands.items():
            found[f"{NAME}-{name}.1"] = _command_page(name, command, context)
    found[f"{NAME}.toml.5"] = _settings_page()
    return {name: "\n".join(lines) + "\n" for name, lines in found.items()}


def _main_page(context: click.Context, commands: dict[str, click.Command]) -> Lines:
    summaries = [(f"{NAME}-{name}(1)", _summary(each)) for name, each in commands.items()]
    return [
        *head(NAME, 1, "let the users of companies' UC servers work from outside", __version__),
        *section("SYNOPSIS", _usage(cli.main, context)),
        *section("DESCRIPTION", paragraphs(ABOUT)),
        *section("OPTIONS", _options(cli.main, context)),
        *section("COMMANDS", listed(summaries)),
        *section("EXIT STATUS", listed(EXIT_STATUS)),
        *section("ENVIRONMENT", listed(ENVIRONMENT)),
        *section("FILES", listed(FILES)),
        *section("SEE ALSO", _reference(f"{NAME}.toml", 5)),
    ]


def _command_page(name: str, command: click.Command, parent: click.Context) -> Lines:
    with click.Context(command, info_name=name, parent=parent) as context:
        parts = [
            line
            for words, each, inner in _all_inside(command, context)
            for line in subsection(
                words,
                [*_usage(each, inner), *paragraphs(_help(each)), *_options(each, inner)],
            )
        ]
        return [
            *head(f"{NAME}-{name}", 1, _summary(command), __version__),
            *section("SYNOPSIS", _usage(command, context)),
            *section("DESCRIPTION", paragraphs(_help(command))),
            *section("OPTIONS", _options(command, context)),
            *section("COMMANDS", parts),
            *section("EXIT STATUS", listed(EXIT_STATUS)),
            *section("SEE ALSO", _reference(NAME, 1)),
        ]


def _settings_page() -> Lines:
    parts: Lines = []
    for name, kind in sections(Settings):
        found = [(f"{key} = {default}", purpose) for key, default, purpose in rows(kind)]
        parts += subsection(f"[{name}]", [*paragraphs(inspect.getdoc(kind) or ""), *listed(found)])
        for field in attrs.fields(kind):
            if "tables" in field.metadata:
                inner = field.metadata["tables"]
                told = [(f"{key} = {default}", purpose) for key, default, purpose in rows(inner)]
                about = paragraphs(field.metadata["purpose"])
                parts += subsection(f"[[{name}.{field.name}]]", [*about, *listed(told)])
    return [
        *head(f"{NAME}.toml", 5, "settings of procall-mobility", __version__),
        *section("SYNOPSIS", listed([(FILE, "")])),
        *section("DESCRIPTION", paragraphs(ABOUT_FILE)),
        *section("SETTINGS", parts),
        *section("EXAMPLE", example(EXAMPLE)),
        *section("SEE ALSO", _reference(f"{NAME}-check-config", 1)),
    ]


def _inside(group: click.Command, context: click.Context) -> Iterator[tuple[str, click.Command]]:
    if isinstance(group, click.Group):
        for name in group.list_commands(context):
            command = group.get_command(context, name)
            if command is not None and not command.hidden:
                yield name, command


def _all_inside(
    group: click.Command, context: click.Context, before: str = ""
) -> Iterator[tuple[str, click.Command, click.Context]]:
    """Walk the commands that do something, in order; groups of them are only part of names."""
    for name, command in _inside(group, context):
        words = f"{before}{name}"
        with click.Context(command, info_name=name, parent=context) as inner:
            if isinstance(command, click.Group):
                yield from _all_inside(command, inner, f"{words} ")
            else:
                yield words, command, inner


def _usage(command: click.Command, context: click.Context) -> Lines:
    pieces = " ".join(command.collect_usage_pieces(context))
    return [".PP", rf"\fB{text(context.command_path)}\fR {text(pieces)}"]


def _options(command: click.Command, context: click.Context) -> Lines:
    """List them; --help is the same everywhere, and told once."""
    told = command.get_params(context) if context.parent is None else command.params
    shown = [each for each in told if isinstance(each, click.Option)]
    records = (each.get_help_record(context) for each in shown)
    return listed(record for record in records if record is not None)


def _help(command: click.Command) -> str:
    # click shows nothing of what stands behind a form feed, and takes \b for a mark of its own.
    return inspect.cleandoc(command.help or "").partition("\f")[0].replace("\b", "")


def _summary(command: click.Command) -> str:
    sentence = command.get_short_help_str(limit=300)
    return sentence[:1].lower() + sentence[1:].removesuffix(".")


def _reference(name: str, number: int) -> Lines:
    return [f".BR {text(name)} ({number})"]


def main() -> None:
    """Write the pages into the folder."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, page in pages().items():
        (folder / name).write_text(page, "utf-8")


if __name__ == "__main__":
    main()
