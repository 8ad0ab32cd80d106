"""The manual pages say what the commands and the settings say."""

import shutil
import subprocess

import attrs
import pytest

from procall_mobility import __version__, cli
from procall_mobility.config.settings import Settings
from tools import troff
from tools.make_man import pages

PAGES = pages()


def test_there_is_a_page_for_each_command_and_one_for_the_settings() -> None:
    names = {f"procall-mobility-{name}.1" for name in cli.main.commands}
    assert set(PAGES) == {"procall-mobility.1", "procall-mobility.toml.5", *names}


def test_a_page_tells_of_the_commands_inside_and_their_options() -> None:
    page = PAGES["procall-mobility-turn.1"]
    assert '.SS "secret rotate"' in page
    assert r"\fBprocall\-mobility turn credentials\fR [OPTIONS] UCSID" in page
    assert r"\fB\-\-ttl INTEGER RANGE\fR" in page


def test_every_section_of_the_settings_is_told() -> None:
    page = PAGES["procall-mobility.toml.5"]
    for field in attrs.fields(Settings):
        assert f'.SS "[{field.name}]"' in page
    assert r'\fBnode = "node1"\fR' in page


@pytest.mark.parametrize("name", PAGES)
def test_a_page_names_the_version_and_no_day(name: str) -> None:
    """The same source is to make the same package."""
    assert PAGES[name].splitlines()[0].endswith(f'"" "{__version__}"')


@pytest.mark.parametrize("name", PAGES)
def test_groff_takes_a_page_without_a_warning(name: str) -> None:
    if shutil.which("groff") is None:
        pytest.skip("groff is not installed")
    command = ["groff", "-man", "-Tutf8", "-ww", "-z"]
    done = subprocess.run(command, input=PAGES[name], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_no_letter_of_a_text_is_taken_for_a_request() -> None:
    assert troff.text(".so it is\n'quoted' a-b \\n") == "\\&.so it is\n\\&'quoted' a\\-b \\en"


def test_nothing_is_said_of_an_empty_section() -> None:
    assert troff.section("OPTIONS", []) == []
