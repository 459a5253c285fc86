"""What devices are made of: reads `hardware.yaml`, which says what an inventory does not."""

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ETHERNET, LOOPBACK, VIRTUAL = 6, 24, 53  # IANAifType
_FILE = Path(__file__).with_name("hardware.yaml")


@dataclass(frozen=True, slots=True)
class Socket:
    """A port as it is built in: ifName, ifDescr, bits per second, IANAifType."""

    name: str
    descr: str
    speed: int
    type: int = ETHERNET


@dataclass(frozen=True, slots=True)
class Sensor:
    name: str
    celsius: float
    limit: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Hardware:
    platform: str
    model: str
    title: str
    version: str
    object_id: str
    description: str
    memory_mb: int
    sockets: tuple[Socket, ...]
    fans: tuple[str, ...]
    power_supplies: tuple[str, ...]
    sensors: tuple[Sensor, ...]
    release: str = ""
    hosts: int = 0
    asn: int = 0  # 0: does not speak BGP
    cpu_pct: float = 20.0
    memory_pct: float = 40.0
    saved: bool = True
    ospf: bool = False
    skew_s: float = 0.0

    @property
    def family(self) -> str:
        """cisco, juniper, arista, huawei or comware: whose MIBs and whose command line."""
        families = {"cisco_xe": "cisco", "cisco_ios": "cisco", "juniper_junos": "juniper", "arista_eos": "arista"}
        return families.get(self.platform) or ("huawei" if self.platform == "huawei_vrp" else "comware")


@dataclass(frozen=True, slots=True)
class _Ports:
    """One row of `ports:`, as written."""

    name: str
    descr: str
    mbps: int
    type: int = ETHERNET
    numbers: range = field(default_factory=lambda: range(1))

    def sockets(self) -> list[Socket]:
        return [
            Socket(self.name.format(n), self.descr.format(n), self.mbps * 1_000_000, self.type) for n in self.numbers
        ]


@cache
def _data() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return loaded


def hardware(device: str, platform: str) -> Hardware:
    """What the device is made of; one that the file does not name is the usual one of its platform."""
    data = _data()
    own = data["devices"].get(device, {})
    kind = own.get("hardware", data["platforms"].get(platform, "c2960"))
    if (
        platform and data["hardware"][kind]["platform"] != platform
    ):  # an inventory that calls another device by our name
        own, kind = {}, data["platforms"].get(platform, "c2960")
    rows = {**data["hardware"][kind], **own}
    ports = [
        _Ports(
            row["name"], row["descr"], row["mbps"], row.get("type", ETHERNET),
            range(row.get("from", 0), row.get("to", 0) + 1),
        )
        for row in rows["ports"]
    ]  # fmt: skip
    return Hardware(
        platform=rows["platform"],
        model=rows["model"],
        title=rows["title"],
        version=rows["version"],
        release=rows.get("release", ""),
        object_id=rows["object_id"],
        description=rows["description"].format(version=rows["version"], release=rows.get("release", "")),
        memory_mb=rows["memory_mb"],
        sockets=tuple(socket for row in ports for socket in row.sockets()),
        hosts=rows.get("hosts", 0),
        fans=tuple(rows["fans"]),
        power_supplies=tuple(rows["power_supplies"]),
        sensors=tuple(Sensor(**sensor) for sensor in rows["sensors"]),
        asn=rows.get("as", 0),
        cpu_pct=rows.get("cpu_pct", 20.0),
        memory_pct=rows.get("memory_pct", 40.0),
        saved=rows.get("saved", True),
        ospf=rows.get("ospf", False),
        skew_s=rows.get("skew_s", 0.0),
    )
