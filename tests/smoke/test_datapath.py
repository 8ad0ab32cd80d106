"""A daemon says who relays media, also where that cannot be the kernel, and can be asked."""

from pathlib import Path

from tests.smoke.daemons import Daemons

RELAY = 'relay = ["127.0.0.1"]\n'


def test_on_loopback_it_is_python_and_the_daemon_says_why(tmp_path: Path) -> None:
    running = Daemons(tmp_path)
    running.prepare()
    try:
        running.start_daemon()
        told = running.facts("turn", "datapath", "status")
        on = running.cli("turn", "datapath", "on")
        text = running.cli("status").stdout
    finally:
        running.stop()
    assert (told["path"], told["setting"], told["kernel-packets"]) == ("python", "auto", 0)
    assert told["why"].startswith("Python relays media, as the kernel cannot: ")
    assert (on.exit_code, told["why"] in on.output) == (1, True)
    assert "bound channels over UDP by python" in text
    (line,) = [each for each in running.log("service").splitlines() if "datapath name=" in each]
    assert "name=python" in line
    assert told["why"].partition(": ")[0] in line


def test_a_kernel_that_has_to_and_cannot_ends_the_start(tmp_path: Path) -> None:
    running = Daemons(tmp_path)
    running.prepare()
    # Demanded where others could reach it: what is wrong shows only when it is tried.
    settings = {
        RELAY: f'{RELAY}datapath = "kernel"\ninterfaces = ["nowhere0"]\n',
        f'udp = ["127.0.0.1:{running.turn}"]': f'udp = ["0.0.0.0:{running.turn}"]',
    }
    running.write_settings(**settings)
    failed = running.fails_to_run()
    assert failed.returncode == 1
    # Without libbpf that is told first.
    assert "there is no interface nowhere0" in failed.stderr or "libbpf" in failed.stderr
    assert "Traceback" not in failed.stderr


def test_a_relay_that_is_off_has_no_datapath(tmp_path: Path) -> None:
    running = Daemons(tmp_path)
    running.prepare()
    running.write_settings(**{f'["127.0.0.1:{running.turn}"]': "[]"})
    try:
        running.start_daemon()
        said = running.cli("turn", "datapath", "status")
        assert running.status()["datapath"] is None
    finally:
        running.stop()
    assert said.exit_code == 1
    assert "the relay is switched off" in said.output
