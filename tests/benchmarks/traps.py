"""What a trap costs to read: `python tests/benchmarks/traps.py [--seconds S]`.

The same linkDown (six varbinds) as v1, v2c and v3 is read in a loop: to a trap, to the event that is handed on, and,
for v1 and v2c, by pysnmp's codec to no more than its varbinds. Quote the ratio to pysnmp: the machine is shared.
"""

import argparse
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from collectors.snmp import ber, usm  # noqa: E402
from collectors.snmp.session import Target  # noqa: E402
from collectors.snmp.traps import message, naming, reading, security  # noqa: E402
from collectors.snmp.traps.believed import Believed  # noqa: E402
from collectors.snmp.traps.security import Security  # noqa: E402

NOW = datetime(2026, 11, 22, tzinfo=UTC)
LINK_DOWN = (1, 3, 6, 1, 6, 3, 1, 1, 5, 3)
ROWS = (
    ((1, 3, 6, 1, 2, 1, 2, 2, 1, 1, 7), 0x02, b"\x07"),
    ((1, 3, 6, 1, 2, 1, 2, 2, 1, 7, 7), 0x02, b"\x01"),
    ((1, 3, 6, 1, 2, 1, 2, 2, 1, 8, 7), 0x02, b"\x02"),
    ((1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 1, 7), 0x04, b"GigabitEthernet0/7"),
)
USER = Target(
    address="",
    version="v3",
    user="u",
    auth_protocol="sha256",
    auth=b"authpass1",
    priv_protocol="aes128",
    priv=b"privpass1",
)


def binding(name: tuple[int, ...], tag: int, body: bytes) -> bytes:
    return ber.tlv(0x30, ber.tlv(0x06, ber.oid_body(name)) + ber.tlv(tag, body))


def messages() -> dict[str, bytes]:
    told = b"".join(binding(*row) for row in ROWS)
    uptime = binding((1, 3, 6, 1, 2, 1, 1, 3, 0), 0x43, b"\x01\x02\x03")
    named = binding((1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0), 0x06, ber.oid_body(LINK_DOWN))
    second = message.pdu(message.TRAP, 4711, ber.tlv(0x30, uptime + named + told))
    head = ber.tlv(0x06, ber.oid_body((1, 3, 6, 1, 4, 1, 9, 1, 1))) + ber.tlv(0x40, b"\xc0\x00\x02\x01")
    head += ber.integer(2) + ber.integer(0) + ber.tlv(0x43, b"\x01\x02")
    peer = usm.Peer(b"\x80\x00\x00\x09\x03switch", 3, 1000)
    return {
        "v1": ber.message(0, b"public", ber.tlv(message.TRAP_V1, head + ber.tlv(0x30, told))),
        "v2c": ber.message(1, b"public", second),
        "v3 (SHA-256, AES-128)": usm.pack(USER, peer, 1, second, 0.0, flags=0),
    }


def by_pysnmp(datagram: bytes) -> list[tuple[str, str]]:
    from pyasn1.codec.ber import decoder
    from pysnmp.proto import api

    codecs: Any = api
    version = int(codecs.decodeMessageVersion(datagram))
    module = codecs.PROTOCOL_MODULES[version]
    decoded, _ = decoder.decode(datagram, asn1Spec=module.Message())
    pdu = module.apiMessage.get_pdu(decoded)
    told = module.apiTrapPDU if version == codecs.SNMP_VERSION_1 else module.apiPDU
    return [(str(oid), value.prettyPrint()) for oid, value in told.get_varbinds(pdu)]


def rate(work: Callable[[], object], seconds: float) -> float:
    """How often a second, over about so long."""
    work()
    done, began = 0, time.process_time()
    while (took := time.process_time() - began) < seconds:
        for _ in range(20):
            work()
        done += 20
    return done / took


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=1.0, help="CPU seconds of each measurement")
    seconds = parser.parse_args().seconds
    known = Believed(frozenset({b"public"}), {b"u": (USER,)})
    engine = Security(known, security.engine_id(b"benchmark"))
    print(f"{'traps a CPU second':24}{'read':>10}{'to event':>10}{'pysnmp':>10}{'read/pysnmp':>13}{'event/pysnmp':>14}")
    for name, datagram in messages().items():
        trap = reading.read(datagram, engine)
        read = rate(lambda d=datagram: reading.read(d, engine), seconds)  # type: ignore[misc]
        event = rate(lambda d=datagram: naming.event(reading.read(d, engine), NOW, "192.0.2.1", str), seconds)  # type: ignore[misc]
        line = f"{name:24}{read:10,.0f}{event:10,.0f}"
        if trap.version != "v3":
            theirs = rate(lambda d=datagram: by_pysnmp(d), seconds)  # type: ignore[misc]
            line += f"{theirs:10,.0f}{read / theirs:12.0f}x{event / theirs:13.0f}x"
        print(line)


if __name__ == "__main__":
    main()
