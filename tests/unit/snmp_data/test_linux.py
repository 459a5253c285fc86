"""Linux and what is built on it; FreeBSD's bsnmpd; MikroTik."""

from tests.snmp_invented import document, sensors, states

LINUX, FREEBSD, ROUTEROS, SWOS = (
    "1.3.6.1.4.1.8072.3.2.10",
    "1.3.6.1.4.1.12325.1.1.2.1.1",
    "1.3.6.1.4.1.14988.1",
    "1.3.6.1.4.1.14988.2",
)
STORAGE, UCD, MIKROTIK = "1.3.6.1.2.1.25.2.3.1", "1.3.6.1.4.1.2021", "1.3.6.1.4.1.14988.1.1"


def storage(*entries: tuple[int, str, int, int, int]) -> dict[str, object]:
    """hrStorage: (index, description, units, size, used)."""
    told: dict[str, object] = {}
    for index, descr, units, size, used in entries:
        told |= {f"{STORAGE}.2.{index}": "oid:1.3.6.1.2.1.25.2.1.2", f"{STORAGE}.3.{index}": descr}
        told |= {f"{STORAGE}.4.{index}": units, f"{STORAGE}.5.{index}": size, f"{STORAGE}.6.{index}": used}
    return told


async def test_memory_is_read_from_the_host_mib_and_from_ucd_where_there_is_none() -> None:
    ucd = {f"{UCD}.4.{n}.0": v for n, v in ((5, 1000), (6, 100), (14, 100), (15, 300))}
    found = await document(LINUX, ucd)
    assert [(row["name"], row["used_pct"]) for row in found["memory"]] == [("Physical memory", 50.0)]
    host = storage((1, "Physical memory", 1024, 1000, 900), (6, "Memory buffers", 1024, 1000, 100))
    found = await document(LINUX, ucd | host)
    assert {row["name"]: row["used_pct"] for row in found["memory"]} == {
        "Physical memory": 80.0,
        "Memory buffers": 10.0,
    }


async def test_lm_sensors_tell_thousandths_and_a_negative_one_that_wrapped_is_refused() -> None:
    told: dict[str, object] = {f"{UCD}.13.16.2.1.2.1": "Core 0", f"{UCD}.13.16.2.1.3.1": 41500}
    told |= {f"{UCD}.13.16.2.1.2.2": "aux", f"{UCD}.13.16.2.1.3.2": 4294957296}
    told |= {f"{UCD}.13.16.3.1.2.1": "fan1", f"{UCD}.13.16.3.1.3.1": 6026}
    told |= {f"{UCD}.13.16.4.1.2.1": "in0", f"{UCD}.13.16.4.1.3.1": 1216}
    found = await document(LINUX, told)
    assert sensors(found, "temperature") == {"Core 0": 41.5}
    assert sensors(found, "fanspeed") == {"fan1 speed": 6026.0}
    assert sensors(found, "voltage") == {"in0 voltage": 1.216}
    assert [row["name"] for row in found["refused"]] == ["aux"]


async def test_what_snmpd_was_extended_with_names_the_machine() -> None:
    line = "1.3.6.1.4.1.8072.1.3.2.3.1.1"
    hardware, distro = (".".join(map(str, (len(token), *token.encode()))) for token in ("hardware", "distro"))
    told = {f"{line}.{hardware}": "Linksys WRT1200AC", f"{line}.{distro}": "OpenWrt 21.02.0"}
    device = (await document(LINUX, told, "Linux gate 5.4.137 #0 SMP Sat Jul 31 17:21:01 2021 armv7l"))["device"]
    assert (device["hardware"], device["version"]) == ("Linksys WRT1200AC", "21.02.0")
    device = (await document(LINUX, {}, "Linux gate 5.4.137 #0 SMP Sat Jul 31 17:21:01 2021 armv7l"))["device"]
    assert (device["hardware"], device["version"]) == ("armv7", "5.4.137")


async def test_the_kernels_own_pools_of_bsnmpd_are_left_out() -> None:
    pools = storage((1, "Real Memory Metrics", 4096, 59033, 57778), (7, "UMA: UMA Kegs", 384, 100, 99))
    found = await document(FREEBSD, pools | {"1.3.6.1.2.1.25.2.2.0": 4146732})
    assert [(row["name"], row["used_pct"]) for row in found["memory"]] == [("Real Memory Metrics", 5.57)]


async def test_a_gauge_of_routeros_is_read_by_its_unit() -> None:
    gauges = [
        ("temperature", 38, 1),
        ("fan1-speed", 5550, 2),
        ("voltage", 243, 3),
        ("power-consumption", 385, 5),
        ("psu1-state", 0, 6),
    ]
    told = {f"{MIKROTIK}.3.100.1.{c}.{i}": g[c - 2] for i, g in enumerate(gauges, 1) for c in (2, 3, 4)}
    found = await document(ROUTEROS, told)
    assert sensors(found, "temperature") == {"temperature": 38.0} and sensors(found, "voltage") == {"voltage": 24.3}
    assert sensors(found, "fanspeed") == {"fan1-speed": 5550.0} and sensors(found, "power") == {
        "power-consumption": 38.5
    }
    assert states(found, "psu") == {}  # the MIB does not say which value is good


async def test_an_empty_cage_of_swos_has_no_temperature() -> None:
    told: dict[str, object] = {}
    for index, (celsius, volts) in {9: (21, 3308), 10: (65408, 0)}.items():
        told |= {f"{MIKROTIK}.19.1.1.{c}.{index}": v for c, v in ((2, f"SFP+{index}"), (6, celsius), (7, volts))}
    found = await document(SWOS, told | {f"{MIKROTIK}.3.100.1.3.7202.0": 5418}, "CSS610-8P-2S+ SwOS v2.20")
    assert sensors(found, "temperature") == {"SFP+9 optics": 21.0}
    assert sorted(sensors(found, "voltage").values()) == [3.308, 54.18]


async def test_a_file_system_that_is_full_by_nature_is_left_out() -> None:
    told: dict[str, object] = {}
    images = ("/dev/md12, mounted on: /.mount/packages/mnt/os", "junosprocfs, mounted on: /.mount/junosproc")
    loops = ("re0:/dev/loop1, mounted on /run/initramfs/data/hashes/55e1", "re0:/dev/root, mounted on /run/initramfs")
    for index, name in enumerate(("/", "/rom", "/dev", "/sys/fs/cgroup", *images, *loops, "/var/log"), 31):
        told |= {f"{STORAGE}.2.{index}": "oid:1.3.6.1.2.1.25.2.1.4", f"{STORAGE}.3.{index}": name}
        told |= {f"{STORAGE}.4.{index}": 4096, f"{STORAGE}.5.{index}": 1000, f"{STORAGE}.6.{index}": 1000}
    assert [row["name"] for row in (await document(LINUX, told))["storage"]] == ["/", "/var/log"]
