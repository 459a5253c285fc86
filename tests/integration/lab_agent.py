"""A network of real routers in namespaces, and an agent of ours inside it.

A script that is not part of the project makes the network (NETCASE_LAB names it, else it lies beside the given data).
The agent is the installed command, as a process of its own, in the namespace of the network's operations centre; it is
asked through the same command line that a person would use.
"""

import contextlib
import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from agent.storage.evidence import FileEvidence

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = Path(os.environ.get("NETCASE_LAB") or ROOT.parent / "shared" / "lab" / "lab.py")
NETCASE = Path(sys.executable).with_name("netcase")
PREFIX = "nclab-"  # of its own, so that a lab that somebody runs by hand is left alone
STATE = Path(tempfile.gettempdir()) / "netcase-lab"

NEEDED = {  # what the routers are made of, by Debian package
    "frr": ("/usr/lib/frr/zebra", "/usr/lib/frr/ospfd", "/usr/lib/frr/bgpd", "/usr/bin/vtysh"),
    "frr-snmp": ("/usr/lib/*/frr/modules/bgpd_snmp.so",),
    "snmpd": ("/usr/sbin/snmpd",),
    "lldpd": ("/usr/sbin/lldpd",),
    "rsyslog": ("/usr/sbin/rsyslogd",),
    "openssh-server": ("/usr/sbin/sshd",),
    "openssh-client": ("/usr/bin/ssh-keygen", "/usr/bin/ssh-keyscan"),
    "nftables": ("/usr/sbin/nft",),
    "iproute2": ("/usr/sbin/ip", "/sbin/ip"),
    "procps": ("/usr/bin/pgrep",),
    "openssl": ("/usr/bin/openssl",),
}


def missing() -> str:
    """What keeps the lab from running here, in a sentence; empty when nothing does."""
    if not SCRIPT.is_file():
        return f"the lab's script is not at {SCRIPT} (set NETCASE_LAB)"
    if os.geteuid() != 0:
        return "needs root (network namespaces)"
    absent = [package for package, files in NEEDED.items() if not all(map(_there, files))]
    return f"not installed (Debian package {', '.join(absent)})" if absent else ""


def _there(pattern: str) -> bool:
    return any(Path("/").glob(pattern.lstrip("/")))


class Lab:
    """Six routers r1 … r6. `down` is idempotent: it also clears what a killed run left behind."""

    def __init__(self) -> None:
        self._environment = os.environ | {"LAB_PREFIX": PREFIX, "LAB_STATE": str(STATE)}

    def __call__(self, *arguments: str, timeout_s: float = 90, environment: Mapping[str, str] | None = None) -> str:
        """What it prints. Into files: what a fault leaves running in the background holds its pipes open."""
        command = [sys.executable, str(SCRIPT), *arguments]
        with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as errors:
            done = subprocess.run(
                command,
                env=self._environment | (environment or {}),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=errors,
                timeout=timeout_s,
                check=False,
            )
            out.seek(0)
            errors.seek(0)
            told = out.read()
            if done.returncode:
                raise RuntimeError(f"lab.py {' '.join(arguments)}: {told}{errors.read()}")
        return told

    @contextlib.contextmanager
    def running(self) -> Iterator["Lab"]:
        STATE.mkdir(mode=0o755, exist_ok=True)
        with (STATE.parent / "netcase-lab.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # one lab of ours at a time, whoever else tests on this machine
            try:
                self("down")
                self("up")
                self("wait", "90", timeout_s=120)
                yield self
            finally:
                self("down")
                shutil.rmtree(STATE, ignore_errors=True)

    def fault(self, *what: str) -> None:
        self("fault", *what)

    def heal(self, *what: str) -> None:
        self("heal", *what)

    def describe(self) -> dict[str, Any]:
        return dict(json.loads(self("inventory")))

    def start(self, command: list[str], environment: Mapping[str, str], log: Path) -> subprocess.Popen[bytes]:
        """A process in the operations centre's namespace; its pid is the command's own."""
        with log.open("ab") as out:
            return subprocess.Popen(
                [sys.executable, str(SCRIPT), "noc", *command],
                env=self._environment | environment,
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )


# ---------------------------------------------------------------- the inventory

V3 = frozenset({"r2", "r4", "r6"})  # the others are polled by v2c


def secrets(lab: Mapping[str, Any]) -> dict[str, str]:
    """Environment variables that the inventory's references name."""
    return {
        "LAB_COMMUNITY": lab["snmp"]["v2c"],
        "LAB_AUTH": lab["snmp"]["v3"]["auth"][1],
        "LAB_PRIV": lab["snmp"]["v3"]["priv"][1],
        "LAB_PASSWORD": lab["users"]["ios"]["password"],
        "LAB_ENABLE": lab["enable_secret"],
    }


def inventory(lab: Mapping[str, Any], known_hosts: Path) -> dict[str, Any]:
    """The lab as its operators would write it down: r6 is reached through r4, the others past the network."""
    v3 = lab["snmp"]["v3"]
    devices = {}
    for name, router in lab["routers"].items():
        devices[name] = {
            "address": router["address"],
            "role": "branch" if router["in_band_only"] else "core",
            "site": "branch" if router["in_band_only"] else "isp" if name == "r5" else "backbone",
            "management": "in-band" if router["in_band_only"] else "out-of-band",
            "snmp": "v3" if name in V3 else "v2c",
        }
    return {
        "version": 1,
        "agent": {"attached_to": ["r4"]},
        "policies": {
            "settle": "3s",
            "quiet": "10m",
            "confirmation": {
                "device_unreachable": {"count": 3, "hold": "1s"},
                "cpu_high": {"count": 3, "hold": "1h"},  # one machine plays all six: its load is not theirs
            },
        },
        "customers": {
            "lab": {
                "title": "Laboratory",
                "team": "noc",
                "contacts": [{"name": "Owner", "email": "owner@example.net", "language": "en", "notify": False}],
            }
        },
        "contracts": {"C-1": {"customer": "lab", "starts": "2020-01-01", "ends": "2099-12-31", "coverage": "7x24"}},
        "sites": {
            name: {"customer": "lab", "title": name, "timezone": "UTC"} for name in ("backbone", "branch", "isp")
        },
        "people": {
            "on-call": {"name": "On Call", "email": "noc@example.net", "language": "en", "channels": ["console"]}
        },
        "teams": {"noc": {"on_call": ["on-call"]}},
        "credentials": {
            "v2c": {"kind": "snmp_v2c", "community": "env:LAB_COMMUNITY"},
            "v3": {
                "kind": "snmp_v3",
                "user": v3["user"],
                "auth_protocol": "sha1",
                "auth": "env:LAB_AUTH",
                "priv_protocol": "aes128",
                "priv": "env:LAB_PRIV",
            },
            "ssh": {
                "kind": "ssh",
                "username": "ios",
                "password": "env:LAB_PASSWORD",
                "enable": "env:LAB_ENABLE",
                "known_hosts": str(known_hosts),
                "strict_host_key": True,
            },
        },
        "defaults": {
            "platform": "cisco_ios",  # what answers SSH; SNMP tells net-snmp on Linux, and the inventory's word wins
            "contract": "C-1",
            "reachability": ["icmp", "snmp"],
            "ssh": "ssh",
            # Health once only: every router shows the load of the one machine that plays them all.
            "polling": {"status": "5s", "recheck": "1s", "health": "1h", "identity": "30s", "timeout": "1s"},
        },
        "devices": devices,
        "links": [[f"{link['a']}:{link['a_if']}", f"{link['b']}:{link['b_if']}"] for link in lab["links"]],
    }


# ---------------------------------------------------------------- the agent


def patiently(what: str, look: Callable[[], Any], limit_s: float) -> Any:
    """Looks until it finds something, and returns it; what was looked for is named when it does not come."""
    end = time.monotonic() + limit_s
    while True:
        if found := look():
            return found
        if time.monotonic() > end:
            raise AssertionError(f"waited {limit_s:.0f} s for {what}")
        time.sleep(1)


@dataclass
class Agent:
    lab: Lab
    folder: Path
    rules: str = ""  # laid over the shipped ones
    hasty: bool = False  # health is asked often, and a case is done with as soon as it is mended
    environment: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def log(self) -> str:
        path = self.folder / "agent.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def prepare(self) -> None:
        described = self.lab.describe()
        addresses = [router["address"] for router in described["routers"].values()]
        keys = self.lab("noc", "ssh-keyscan", "-t", "ed25519", *addresses)
        (self.folder / "known_hosts").write_text(keys)
        network = inventory(described, self.folder / "known_hosts")
        if self.hasty:
            network["policies"] |= {"quiet": "5s", "grace": "1s"}
            network["defaults"]["polling"]["health"] = "5s"
        text = yaml.safe_dump(network, sort_keys=False)
        (self.folder / "inventory.yaml").write_text(text)
        self.environment = secrets(described) | {
            "NETCASE_INVENTORY": str(self.folder / "inventory.yaml"),
            "NETCASE_DATA": str(self.data),
            "NETCASE_SYSLOG": "0.0.0.0:514",
            "NETCASE_TRAPS": "0.0.0.0:162",
            "NETCASE_WEB": "127.0.0.1:0",
        }
        if self.rules:
            (self.folder / "rules.yaml").write_text(self.rules)
            self.environment["NETCASE_RULES"] = str(self.folder / "rules.yaml")
        self.netcase("check")

    def start(self) -> None:
        self.process = self.lab.start([str(NETCASE), "run"], self.environment, self.folder / "agent.log")
        patiently("the agent to start", lambda: self.alive() and "6 devices" in self.log, 30)
        time.sleep(6)  # everything is asked once within the first status interval, names and addresses too

    def stop(self) -> int:
        """As an operator would; killed when it does not listen. Returns its exit code."""
        if self.process is None:
            return 0
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            return self.process.wait(timeout=10)

    def netcase(self, *arguments: str) -> str:
        done = subprocess.run(
            [NETCASE, *arguments],
            env=os.environ | self.environment,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        if done.returncode:
            raise AssertionError(f"netcase {' '.join(arguments)}: exit {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    def json(self, *arguments: str) -> Any:
        return json.loads(self.netcase(*arguments, "--json"))

    # ------------------------------------------------------------ what a test asks

    def everything_seen(self) -> bool:
        """Every router is up, and nothing is wrong with any of them or suspected to be."""
        status = self.json("status") if self.alive() else {}
        return status["devices"]["up"] == 6 and {f["kind"] for f in self.json("faults")} <= {"cpu_high"}

    def alive(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, f"the agent has ended:\n{self.log[-4000:]}"
        return True

    def numbers(self) -> set[int]:
        return {case["number"] for case in self.json("cases")}

    def case(self, number: int) -> "Case":
        return Case(self, number, self.json("case", "show", str(number)))


@dataclass
class Case:
    """A case as the command line shows it, at one moment."""

    agent: Agent
    number: int
    shown: dict[str, Any]

    def again(self) -> "Case":
        return self.agent.case(self.number)

    def __getattr__(self, name: str) -> Any:
        return self.shown["case"][name]

    @property
    def subjects(self) -> set[str]:
        """What each fault of the case is about."""
        return {fault["subject"] for fault in self.shown["faults"]}

    @property
    def symptoms(self) -> set[tuple[str, str]]:
        """(kind, subject) of each fault that is not the root."""
        return {(f["kind"], f["subject"]) for f in self.shown["faults"] if f["id"] != self.root}

    @property
    def told(self) -> list[str]:
        """The subject lines of the messages that were sent or wait to be."""
        return sorted(str(message["subject"]) for message in self.shown["notifications"])

    def waits_for_evidence(self) -> bool:
        rows = self.shown["evidence"]
        return not rows or any(row["state"] in ("queued", "running") for row in rows)

    def transcript(self, device: str, command: str) -> str:
        """What a device printed for a command, whole."""
        rows = [row for row in self.shown["evidence"] if (row["device"], row["command"]) == (device, command)]
        assert [row["state"] for row in rows] == ["done"], rows or self.shown["evidence"]
        files = FileEvidence(self.agent.data / "evidence")
        return files.path(rows[0]["sha256"]).read_text(errors="replace")
