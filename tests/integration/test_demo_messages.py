"""What the demonstration's devices send: syslog and traps on real sockets, and the mail server beside them."""

import asyncio
import os
import re
import smtplib
import time
from collections.abc import AsyncIterator
from email import message_from_bytes
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from pyasn1.codec.ber import decoder
from pysnmp.proto import api

from agent.demo import environment
from agent.demo.fabric import Happening, Happens
from agent.demo.mail import Mailbox
from agent.demo.network import DemoNetwork
from agent.demo.placement import place
from agent.errors import ListenError
from agent.inventory.inventory import Inventory
from agent.inventory.parse import parse

ROOT = Path(__file__).parents[2]
PREFIX = f"127.{20 + os.getpid() % 200}.{os.getpid() // 200 % 250}."
LINK_DOWN, COLD_START, BGP_BACKWARD = "1.3.6.1.6.3.1.1.5.3", "1.3.6.1.6.3.1.1.5.1", "1.3.6.1.2.1.15.0.2"

pytestmark = pytest.mark.asyncio(loop_scope="module")


class Catcher(asyncio.DatagramProtocol):
    """Keeps what arrives, with the address that it came from."""

    def __init__(self) -> None:
        self.caught: list[tuple[str, bytes]] = []
        self._arrived = asyncio.Event()

    def datagram_received(self, data: bytes, addr: Any) -> None:
        self.caught.append((addr[0], data))
        self._arrived.set()

    async def wait_for(self, matches: Any) -> None:
        async with asyncio.timeout(10):
            while not any(matches(sender, data) for sender, data in self.caught):
                self._arrived.clear()
                await self._arrived.wait()


class Running:
    def __init__(self, network: DemoNetwork, syslog: Catcher, traps: Catcher) -> None:
        self.network, self.syslog, self.traps = network, syslog, traps

    def forget(self) -> None:
        self.syslog.caught.clear()
        self.traps.caught.clear()


def inventory() -> Inventory:
    environment.provide()
    return parse((ROOT / "inventory.yaml").read_text(encoding="utf-8"), "inventory.yaml", os.environ.get)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Running]:
    loop = asyncio.get_running_loop()
    catchers, transports = [Catcher(), Catcher()], []
    for catcher in catchers:
        transport, _ = await loop.create_datagram_endpoint(lambda it=catcher: it, local_addr=("127.0.0.1", 0))
        transports.append(transport)
    syslog, traps = (transport.get_extra_info("sockname") for transport in transports)
    folder = tmp_path_factory.mktemp("demo")
    network = DemoNetwork(
        place(inventory(), folder, prefix=PREFIX), folder, syslog=syslog, traps=traps, mail=False, routine_s=0
    )
    await network.start()
    yield Running(network, *catchers)
    await network.stop()
    for transport in transports:
        transport.close()


def _trap(data: bytes) -> dict[str, str]:
    """By pysnmp: the trap's objects."""
    v2c: Any = api.v2c
    message, _ = decoder.decode(data, asn1Spec=v2c.Message())
    assert str(v2c.apiMessage.get_community(message)) == environment.CREDENTIALS["NETCASE_DEMO_COMMUNITY"]
    pdu = v2c.apiMessage.get_pdu(message)
    return {str(name): value.prettyPrint() for name, value in v2c.apiTrapPDU.get_varbinds(pdu)}


def _is(kind: str, data: bytes) -> bool:
    return _trap(data)["1.3.6.1.6.3.1.1.4.1.0"] == kind


async def test_a_cut_is_told_by_the_end_that_can_still_be_reached_and_by_no_other(running: Running) -> None:
    running.forget()
    await running.network.break_("cut", "bj-core-1", "sh-rt-1")
    await running.syslog.wait_for(lambda sender, data: b"%LINK-3-UPDOWN" in data and b"down" in data)
    await running.traps.wait_for(lambda sender, data: _is(LINK_DOWN, data))
    await asyncio.sleep(0.1)
    assert {sender for sender, _ in (*running.syslog.caught, *running.traps.caught)} == {f"{PREFIX}1"}
    trap = _trap(running.traps.caught[0][1])
    assert trap["1.3.6.1.2.1.31.1.1.1.1.5"] == "Te1/0/5"
    running.forget()
    await running.network.mend("cut", "bj-core-1", "sh-rt-1")
    await running.syslog.wait_for(lambda sender, data: sender == f"{PREFIX}6" and b"IF_STATE" in data and b"UP" in data)


async def test_every_vendor_speaks_its_own_dialect(running: Running) -> None:
    running.forget()
    for device in ("bj-core-1", "bj-isp-1", "bj-dc-1", "bj-acc-1", "sh-rt-1"):
        await running.network.break_("fan", device)
        await running.network.mend("fan", device)
    for number, form in (
        (1, rb"^<187>\d+: bj-core-1: \w{3} [ \d]\d \d\d:\d\d:\d\d\.\d{3} UTC: %ENVMON-3-FAN_FAILED: "),
        (3, rb"^<187>\w{3} [ \d]\d \d\d:\d\d:\d\d bj-isp-1 chassisd\[\d+\]: CHASSISD_SNMP_TRAP6: "),
        (4, rb"^<187>\w{3} [ \d]\d \d\d:\d\d:\d\d bj-dc-1 FanDetector: %HARDWARE-3-FAN_FAILED: "),
        (5, rb"^<186>\w{3} [ \d]\d \d\d:\d\d:\d\d \d{4} bj-acc-1 %%10DEV/2/FAN_FAILED: "),
        (6, rb"^<187>\w{3} \d+ \d{4} \d\d:\d\d:\d\d sh-rt-1 %%01SRM/3/FANABNORMAL\(l\)\[0\]:"),
    ):
        await running.syslog.wait_for(
            lambda sender, data, n=number, f=form: sender == f"{PREFIX}{n}" and re.search(f, data)
        )


async def test_a_crashed_session_is_told_by_both_ends(running: Running) -> None:
    running.forget()
    await running.network.break_("crash", "bj-core-1", "bj-isp-1")
    for number in (1, 3):
        await running.traps.wait_for(
            lambda sender, data, n=number: sender == f"{PREFIX}{n}" and _is(BGP_BACKWARD, data)
        )
    await running.syslog.wait_for(lambda sender, data: b"RPD_BGP_NEIGHBOR_STATE_CHANGED" in data)
    await running.network.mend("crash")


async def test_a_reboot_ends_with_a_cold_start(running: Running) -> None:
    running.forget()
    await running.network.break_("reboot", "tj-rt-1")
    await running.traps.wait_for(lambda sender, data: sender == f"{PREFIX}9" and _is(COLD_START, data))
    await running.syslog.wait_for(lambda sender, data: sender == f"{PREFIX}9" and b"%SYS-5-RESTART" in data)


async def test_a_flapping_port_goes_down_and_up_until_it_is_mended(running: Running) -> None:
    running.forget()
    device, port = await running.network.break_("flap")
    await running.syslog.wait_for(lambda sender, data: port.encode() in data and b"state to down" in data)
    await running.syslog.wait_for(lambda sender, data: port.encode() in data and b"state to up" in data)
    await running.network.mend("flap")
    interfaces = running.network.describe()[device]["interfaces"]
    assert isinstance(interfaces, dict)
    assert interfaces[port] == "up"


async def test_two_networks_cannot_share_their_ports_and_the_second_leaves_nothing_open(
    running: Running, tmp_path: Path
) -> None:
    second = DemoNetwork(
        place(inventory(), tmp_path, prefix=PREFIX),
        tmp_path,
        syslog=("127.0.0.1", 9),
        traps=("127.0.0.1", 9),
        mail=False,
    )
    with pytest.raises(ListenError, match="cannot use UDP"):
        await second.start()


async def test_a_healthy_device_says_something_now_and_then_and_one_without_power_nothing(running: Running) -> None:
    network = running.network
    await network.break_("power", "wx-sw-1")
    running.forget()
    network._tell([Happening(name, Happens.ROUTINE) for name in network.inventory.devices], time.time())
    await running.syslog.wait_for(lambda sender, data: sender == f"{PREFIX}13")
    said = {sender: data for sender, data in running.syslog.caught if b"192.0.2.123" in data}
    assert set(said) == {f"{PREFIX}{number}" for number in range(1, 14)}
    assert all(data.startswith(b"<190>") for data in said.values()), "informational"
    await network.mend("power", "wx-sw-1")


async def test_a_mail_is_kept_as_a_file(tmp_path: Path) -> None:
    mailbox = Mailbox(("127.0.0.1", 0), tmp_path / "mail")
    await mailbox.start()
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = (
        "netcase@example.net",
        "li.na@example.net",
        "[P2] 链路中断 / link",
    )
    message.set_content("接口 Te1/0/5 down")

    def send() -> None:
        with smtplib.SMTP(*mailbox.address, timeout=10) as smtp:
            smtp.send_message(message)

    try:
        await asyncio.to_thread(send)
    finally:
        await mailbox.stop()
    (kept,) = (tmp_path / "mail").glob("0001-*.eml")
    assert "Te1/0/5" in str(message_from_bytes(kept.read_bytes()).get_payload(decode=True), "utf-8")


async def test_a_placement_moves_every_address_and_port() -> None:
    placed = place(inventory(), Path("/tmp/x"), prefix="127.9.8.", snmp_port=2001, ssh_port=2002, smtp_port=2003)
    assert [device.address for device in placed.devices.values()][:2] == ["127.9.8.1", "127.9.8.2"]
    assert {device.snmp.port for device in placed.devices.values() if device.snmp} == {2001}
    assert {device.tcp_port for device in placed.devices.values()} == {2002}
    assert placed.policies.smtp
    assert placed.policies.smtp.port == 2003
