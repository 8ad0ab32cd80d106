"""The command `procall-mobility`."""

from pathlib import Path

import click

from procall_mobility import __version__
from procall_mobility.commands.customer import customer
from procall_mobility.commands.daemon import check_config, run, status
from procall_mobility.commands.doctor import doctor
from procall_mobility.commands.hand_over import hand_over
from procall_mobility.commands.install_certificate import install_certificate
from procall_mobility.commands.push import push
from procall_mobility.commands.reload import reload
from procall_mobility.commands.settings import SYSTEM_FILE, Place
from procall_mobility.commands.setup import setup
from procall_mobility.commands.support_bundle import support_bundle
from procall_mobility.commands.turn import turn


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="procall-mobility")
@click.option(
    "--config",
    "file",
    type=click.Path(path_type=Path),
    envvar="PROCALL_MOBILITY_CONFIG",
    default=SYSTEM_FILE,
    show_default=True,
    show_envvar=True,
    help="The settings file.",
)
@click.pass_context
def main(context: click.Context, file: Path) -> None:
    """Let the users of companies' UC servers work from outside."""
    context.obj = Place(file)


for command in (
    setup, install_certificate, run, check_config, doctor, support_bundle,
    status, reload, hand_over, customer,
    turn, push,
):  # fmt: skip
    main.add_command(command)

if __name__ == "__main__":
    main()
