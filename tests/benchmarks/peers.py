"""What one poll costs here and elsewhere: `python tests/benchmarks/peers.py`.

The same 1,076 values (36 scalars, 20 columns × 52 interfaces) of the same simulated switches, 50 at once, asked by our
engine, our collector with its observations, pysnmp, netsnmp-cffi (Zino's back end), prometheus-snmp-exporter and
snmpbulkwalk; CPU time of the client alone, children and daemons included, the responder's not. A client that is not
installed is named and left out: the exporter and snmp are Debian's packages, and netsnmp-cffi is looked for in the
folder of --peers (`pip install --target FOLDER netsnmp-cffi`). Quote ratios: the machine is shared.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.benchmarks.responder import serving  # noqa: E402

CLIENTS = ("engine", "collector", "pysnmp", "netsnmp-cffi", "exporter", "snmpbulkwalk")
TITLES = {
    "engine": "our engine",
    "collector": "our collector, observations included",
    "pysnmp": "pysnmp, plain",
    "netsnmp-cffi": "netsnmp-cffi, Zino's back end",
    "exporter": "prometheus-snmp-exporter",
    "snmpbulkwalk": "net-snmp's snmpbulkwalk",
}


def missing(client: str, version: str, peers: str) -> str:
    """Why the client cannot be measured; empty when it can."""
    if client == "netsnmp-cffi" and version == "v3":
        return "speaks no v3"
    if client == "netsnmp-cffi" and not any(Path(one, "netsnmpy").is_dir() for one in [*sys.path, peers] if one):
        return "not installed (pip install --target FOLDER netsnmp-cffi, then --peers FOLDER)"
    program = {"exporter": "prometheus-snmp-exporter", "snmpbulkwalk": "snmpbulkwalk"}.get(client)
    if program and shutil.which(program) is None:
        package = {"exporter": "prometheus-snmp-exporter", "snmpbulkwalk": "snmp"}[client]
        return f"not installed (Debian package {package})"
    return ""


def measure(client: str, version: str, port: int, chosen: argparse.Namespace) -> dict[str, Any]:
    """In a process of its own, so that no client pays for another's memory."""
    command = [sys.executable, str(Path(__file__).with_name("clients.py")), client, "--port", str(port)]
    command += ["--version", version, "--devices", str(chosen.devices), "--rounds", str(chosen.rounds)]
    path = os.pathsep.join(filter(None, (str(ROOT), chosen.peers)))
    told = subprocess.run(
        command, check=True, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": path}
    ).stdout
    return dict(json.loads(told.strip().splitlines()[-1]))


def table(version: str, measured: dict[str, dict[str, Any] | str]) -> str:
    lines = [f"\n{version:40}{'CPU ms a device':>16}{'values':>8}{'failed':>8}{'× our engine':>14}"]
    ours = measured.get("engine")
    for client, one in measured.items():
        if isinstance(one, str):
            lines.append(f"{TITLES[client]:40}  {one}")
            continue
        ratio = f"{one['cpu_ms'] / ours['cpu_ms']:.2f}" if isinstance(ours, dict) else ""
        lines.append(f"{TITLES[client]:40}{one['cpu_ms']:>16.2f}{one['values']:>8.0f}{one['failures']:>8}{ratio:>14}")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--devices", type=int, default=50, help="all of them at once")
    parser.add_argument("--rounds", type=int, default=5, help="measured polls of each device, after one to warm up")
    parser.add_argument("--versions", default="v2c,v3")
    parser.add_argument("--clients", default=",".join(CLIENTS))
    parser.add_argument("--peers", default="", help="a folder with netsnmp-cffi")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    found: dict[str, dict[str, dict[str, Any] | str]] = {}
    with serving() as port:
        for version in chosen.versions.split(","):
            found[version] = {}
            for client in chosen.clients.split(","):
                why = missing(client, version, chosen.peers)
                found[version][client] = why or measure(client, version, port, chosen)
            if not chosen.json:
                print(table(version, found[version]), flush=True)
    if chosen.json:
        print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
