"""Ten set-ups that are broken for real: `doctor` says what is wrong, and what to do about it."""

import datetime
import os
import shutil
import socket
import sys
from pathlib import Path

import pytest

from tests.diagnosis.certificates import write_key
from tests.diagnosis.time_server import time_server
from tests.interop.doctor.stage import Said, Stage, as_ordinary_user, inside
from tests.interop.turn.servers import faketime

pytestmark = pytest.mark.interop

needs_namespaces = pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("unshare") is None, reason="only root makes namespaces"
)
needs_nft = pytest.mark.skipif(
    shutil.which("nft") is None, reason="nft is not there: apt install nftables"
)
DAY = datetime.timedelta(days=1)

FIREWALL = """\
table inet filter {{
  chain input {{
    type filter hook input priority 0; policy drop;
    ct state vmap {{ established : accept, related : accept, invalid : drop }}
    iif "lo" accept
    ip saddr 192.0.2.0/24 accept
    meta l4proto {{ icmp, ipv6-icmp }} accept
    tcp dport {{ 22, {tls} }} accept
    counter reject with icmpx type port-unreachable
  }}
}}
"""

FIREWALL_6 = """\
table ip filter {{
  chain input {{
    type filter hook input priority 0; policy drop;
    udp dport {turn} accept
    tcp dport {tls} accept
  }}
}}
table ip6 filter {{
  chain input {{
    type filter hook input priority 0; policy drop;
    rt type 0 drop
    exthdr frag exists drop
    ct state established,related accept
    iif "lo" accept
    icmpv6 type {{ nd-neighbor-solicit, nd-neighbor-advert, packet-too-big }} accept
    ip6 saddr 2001:db8:7::/48 accept
    ip6 nexthdr tcp tcp dport {tls} accept
  }}
  chain reverse {{
    type filter hook prerouting priority raw;
    fib saddr . mark . iif oif missing drop
  }}
}}
"""


def test_a_key_of_another_certificate(stage: Stage) -> None:
    write_key(stage.folder)
    said = stage.doctor()
    assert said.status == 1
    found = said.one("key-of-another")
    assert "key.pem: the key of another certificate than" in found["what"]
    assert "Install the pair that was issued together" in found["cure"]
    assert said.wrong == [found]


def test_a_certificate_for_another_name(stage: Stage) -> None:
    stage.authority.issue(stage.folder, "www.example.net")
    said = stage.doctor()
    assert said.status == 1
    found = said.one("certificate-other-name")
    assert found["what"] == (
        "Clients are told to go to localhost, and the certificate is for www.example.net."
    )
    assert "Have one issued that names localhost" in found["cure"]
    assert said.wrong == [found]


def test_a_certificate_that_has_expired(stage: Stage) -> None:
    stage.authority.issue(stage.folder, begins=-90 * DAY, ends=-2 * DAY)
    said = stage.doctor()
    assert said.status == 1
    found = said.one("certificate-expired")
    assert "The certificate has expired on" in found["what"]
    assert "Install a renewed one" in found["cure"]
    assert said.wrong == [found]


def test_a_port_that_another_program_has(stage: Stage) -> None:
    with socket.create_server(("127.0.0.1", stage.tls)):
        said = stage.doctor()
    assert said.status == 1
    found = said.one("port-taken")
    assert f"listen.tls names 127.0.0.1:{stage.tls} (TCP)" in found["what"]
    assert f"(process {os.getpid()}) has that port" in found["what"]
    assert found["cure"].startswith("Stop ")
    assert said.wrong == [found]


def test_a_clock_that_is_an_hour_fast(stage: Stage) -> None:
    """Its own looks tell nothing of it: a time server has to be asked."""
    library = faketime()
    if library is None:
        pytest.skip("libfaketime is not there: apt install libfaketime")
    environment = {"LD_PRELOAD": str(library), "FAKETIME": "+1h", "DONT_FAKE_MONOTONIC": "1"}
    with time_server() as server:
        said = stage.doctor("--time-server", server, environment=environment)
    assert said.status == 1
    found = said.one("clock-off")
    assert f"The clock is 60 min fast, compared with {server}" in found["what"]
    assert "install chrony or systemd-timesyncd" in found["cure"]
    assert said.wrong == [found]


@needs_namespaces
def test_no_ipv6_where_the_settings_name_it(stage: Stage) -> None:
    stage.more = f', "[::1]:{stage.tls}"'
    stage.write_settings()
    said = stage.doctor(within=inside("sysctl -q -w net.ipv6.conf.all.disable_ipv6=1"))
    assert said.status == 1
    found = said.one("no-ipv6")
    assert "listen.tls name IPv6, and this machine has no IPv6 address" in found["what"]
    assert "the daemon does not start" in found["what"]
    assert "net.ipv6.conf.all.disable_ipv6=0" in found["cure"]
    assert {each["reason"] for each in said.wrong} == {"no-ipv6", "address-not-here"}


def test_a_file_limit_that_is_too_low(stage: Stage) -> None:
    said = stage.doctor(within=["prlimit", "--nofile=1024:1024"])
    assert said.status == 1
    found = said.one("file-limit-low")
    assert "may open 1024 files, and 1700 are needed" in found["what"]
    assert "LimitNOFILE=2048" in found["cure"]
    assert said.wrong == [found]


@needs_namespaces
def test_a_key_that_an_ordinary_user_cannot_read(stage: Stage) -> None:
    """Who may not open ports below 1024 either, without the privilege."""
    stage.more = ', "127.0.0.1:443"'
    stage.write_settings()
    os.chown(stage.data, 65_534, 65_534)
    said = stage.doctor(within=as_ordinary_user(stage.folder))
    assert said.status == 1
    found = said.one("file-unreadable")
    assert "nobody cannot read tls.key" in found["what"]
    assert "it belongs to root:root, with mode -rw-------" in found["what"]
    assert "chmod 640" in found["cure"]
    port = said.one("port-privilege")
    assert "127.0.0.1:443 (TCP), which this account may not open" in port["what"]
    assert "Start the daemon by its systemd unit" in port["cure"]
    assert said.wrong == [port, found]


@needs_namespaces
def test_a_key_that_root_can_read_and_the_daemon_cannot(stage: Stage) -> None:
    """Operators look as root; the daemon has an account of its own, whose the folder is."""
    os.chown(stage.data, 65_534, 65_534)
    said = stage.doctor()
    assert said.status == 1
    assert "nobody cannot read tls.key" in said.one("file-unreadable")["what"]


@needs_namespaces
def test_a_name_that_leads_nowhere(stage: Stage, tmp_path: Path) -> None:
    said = _asking_a_name_server(stage, tmp_path, "mobility.example.net", "")
    assert said.status == 1
    found = said.one("name-unknown")
    assert "The name mobility.example.net of service.origin leads nowhere" in found["what"]
    assert "Add an A or AAAA record for it" in found["cure"]
    assert said.wrong == [found]


@needs_namespaces
def test_a_name_that_leads_elsewhere(stage: Stage, tmp_path: Path) -> None:
    said = _asking_a_name_server(stage, tmp_path, "mobility.example.net", "198.51.100.7")
    found = said.one("name-elsewhere")
    assert found["what"] == (
        "mobility.example.net leads to 198.51.100.7, which is no address of this machine."
    )
    assert "Correct the A and AAAA records" in found["cure"]


@needs_namespaces
@needs_nft
def test_udp_that_a_firewall_drops(stage: Stage) -> None:
    """A daemon runs, and a rule of the machine's own drops what comes to the relay."""
    start = " ".join(stage.program("run"))
    rules = f"""\
nft add table inet filter
nft 'add chain inet filter input {{ type filter hook input priority 0; }}'
nft add rule inet filter input udp dport {stage.turn} drop
{start} >/dev/null 2>&1 &
for _ in $(seq 1200); do [ -S $1 ] && break; sleep 0.05; done
"""
    said = stage.doctor(within=inside(rules, str(stage.data / "admin.sock")))
    assert said.status == 1
    found = said.one("udp-blocked")
    assert f"127.0.0.1:{stage.turn} (UDP) does not answer over UDP" in found["what"]
    assert "A firewall here drops it" in found["cure"]
    assert f"open port {stage.turn} for UDP" in found["cure"]
    assert said.wrong == [found]


@needs_namespaces
@needs_nft
def test_a_firewall_that_lets_in_nothing_but_its_own(stage: Stage, tmp_path: Path) -> None:
    """As most are: what comes by loopback passes, so that nothing shows from here."""
    stage.more = f', "203.0.113.1:{stage.tls}"'
    stage.more_udp = f', "203.0.113.1:{stage.turn}"'
    stage.write_settings()
    (tmp_path / "rules").write_text(FIREWALL.format(tls=stage.tls))
    network = "ip link add up0 type veth peer name far0; ip link set up0 up"
    address = "ip addr add 203.0.113.1/24 dev up0"
    said = stage.doctor(within=inside(f"{network}\n{address}\nnft -f $1", str(tmp_path / "rules")))
    assert said.status == 1
    found = said.one("firewall-closed")
    assert found["what"] == (
        "This machine's packet filter drops what comes from outside to"
        f" UDP {stage.turn} (turn.udp), in its chain inet filter input."
    )
    assert f"nft insert rule inet filter input udp dport {stage.turn} accept" in found["cure"]
    assert said.wrong == [found]


@needs_namespaces
@needs_nft
def test_a_firewall_that_lets_the_relay_be_reached_by_ipv4_alone(
    stage: Stage, tmp_path: Path
) -> None:
    """As where somebody has added the rules of iptables, and forgotten those of ip6tables."""
    stage.more = f', "203.0.113.1:{stage.tls}", "[2001:db8::1]:{stage.tls}"'
    stage.more_udp = f', "203.0.113.1:{stage.turn}", "[2001:db8::1]:{stage.turn}"'
    stage.write_settings()
    (tmp_path / "rules").write_text(FIREWALL_6.format(tls=stage.tls, turn=stage.turn))
    network = "ip link add up0 type veth peer name far0; ip link set up0 up"
    address = "ip addr add 203.0.113.1/24 dev up0; ip addr add 2001:db8::1/64 dev up0 nodad"
    said = stage.doctor(within=inside(f"{network}\n{address}\nnft -f $1", str(tmp_path / "rules")))
    found = said.one("firewall-closed")
    assert found["what"] == (
        "This machine's packet filter drops what comes from outside to"
        f" UDP {stage.turn} by IPv6 (turn.udp), in its chain ip6 filter input."
    )
    assert f"nft insert rule ip6 filter input udp dport {stage.turn} accept" in found["cure"]
    assert (said.status, said.wrong, found["state"]) == (0, [], "warning")


def _asking_a_name_server(stage: Stage, folder: Path, host: str, address: str) -> Said:
    stage.host = host
    stage.build()
    (folder / "resolv.conf").write_text("nameserver 127.0.0.1\noptions attempts:1 timeout:2\n")
    (folder / "nsswitch.conf").write_text("hosts: files dns\n")
    server = f"{sys.executable} -m tests.interop.doctor.name_server {address}"
    script = f"""\
mount --bind $1/resolv.conf /etc/resolv.conf
mount --bind $1/nsswitch.conf /etc/nsswitch.conf
{server} &
for _ in $(seq 1200); do grep -q :0035 /proc/net/udp && break; sleep 0.05; done
"""
    return stage.doctor(within=inside(script, str(folder)))
