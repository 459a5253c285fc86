"""The demonstration network, running: every device of an inventory with its SNMP agent, its SSH server, its syslog and
traps, and beside them the mail server that the inventory names. It can be broken and mended while it runs.
"""

import asyncio
import itertools
import time
from collections.abc import Iterable
from pathlib import Path

from agent import settings
from agent.demo import breakage, environment, fabric
from agent.demo.fabric import Happening, Happens
from agent.demo.mail import Mailbox
from agent.demo.mibs import device as mib
from agent.demo.sender import Sender
from agent.demo.snmp_agent import SnmpAgent
from agent.demo.ssh_server import SshServer
from agent.demo.state import Box
from agent.errors import UsageError
from agent.inventory.device import Device, SnmpAccess
from agent.inventory.inventory import Inventory

_BOOT_S = 2.0  # a rebooting device is away for this long
_FLAP_S = 2.0  # a flapping port stays down, and then up, for this long


class DemoNetwork:
    """`inventory` is where the devices are (see placement.place); `syslog` and `traps` are the agent's listeners.

    Every `routine_s` one of the devices says something harmless, each in its turn; 0: only what happens is said.
    """

    def __init__(
        self,
        inventory: Inventory,
        folder: Path,
        *,
        syslog: tuple[str, int],
        traps: tuple[str, int],
        mail: bool = True,
        routine_s: float = 1.0,
    ) -> None:
        environment.provide()
        self.inventory = inventory
        self._folder = folder
        self._fabric = fabric.fabric(inventory, time.time())
        self._agents = {name: _agent(device, device.snmp) for name, device in inventory.devices.items() if device.snmp}
        self._shells = {
            name: SshServer(self._fabric.boxes[name], self._fabric, device.address, device.ssh)
            for name, device in inventory.devices.items()
            if device.ssh
        }
        self._sender = Sender(syslog, traps, environment.CREDENTIALS["NETCASE_DEMO_COMMUNITY"])
        smtp = inventory.policies.smtp
        self._mailbox = Mailbox((smtp.host, smtp.port), folder / "mail") if mail and smtp else None
        self._routine_s = routine_s
        self._routine: asyncio.Task[None] | None = None
        self._flapping: dict[tuple[str, ...], asyncio.Task[None]] = {}
        self._broken: dict[str, list[tuple[str, ...]]] = {}  # what is broken now, by breakage

    async def start(self) -> None:
        """All devices answer when it returns. Raises ListenError when a port is taken; nothing is left open then."""
        self._folder.mkdir(parents=True, exist_ok=True)
        try:
            for agent in self._agents.values():
                await agent.start()
            for shell in self._shells.values():
                await shell.start()
            if self._mailbox:
                await self._mailbox.start()
        except BaseException:
            await self.stop()
            raise
        known = [line for shell in self._shells.values() for line in shell.known_host_lines()]
        (self._folder / "known_hosts").write_text("".join(known), encoding="ascii")
        await self._show()
        if self._routine_s:
            self._routine = asyncio.create_task(self._say_routine())

    async def stop(self) -> None:
        if self._routine:
            self._routine.cancel()
        for task in self._flapping.values():
            task.cancel()
        self._flapping.clear()
        for agent in self._agents.values():
            await agent.stop()
        for shell in self._shells.values():
            await shell.stop()
        if self._mailbox:
            await self._mailbox.stop()
        self._sender.close()

    def default_breakage(self, what: str) -> tuple[str, ...]:
        """Arguments that show the breakage well in this network. UsageError when there is no such breakage."""
        return breakage.default(self._fabric, self.inventory, what)

    async def break_(self, what: str, *arguments: str) -> tuple[str, ...]:
        """Break something now, by `default_breakage` when no arguments are given; returns the arguments used."""
        chosen = arguments or self.default_breakage(what)
        await self._apply(what, chosen, broken=True)
        if what == "reboot":
            await asyncio.sleep(_BOOT_S)
            await self._apply(what, chosen, broken=False)
        if what == "flap":
            self._flapping[chosen] = asyncio.create_task(self._flap(chosen))
        if what != "reboot":
            self._broken.setdefault(what, []).append(chosen)
        return chosen

    async def mend(self, what: str, *arguments: str) -> tuple[str, ...]:
        """Mend it; without arguments what was broken last in that way. Returns the arguments used."""
        broken = self._broken.get(what, [])
        chosen = arguments or (broken[-1] if broken else self.default_breakage(what))
        if chosen in broken:
            broken.remove(chosen)
        task = self._flapping.pop(chosen, None) if what == "flap" else None
        if task:
            task.cancel()
        await self._apply(what, chosen, broken=False)
        return chosen

    def describe(self) -> dict[str, dict[str, object]]:
        """What there is now, by device: for people and tests."""
        return {name: _described(box) for name, box in self._fabric.boxes.items()}

    async def _say_routine(self) -> None:
        for name in itertools.cycle(self._fabric.boxes):
            await asyncio.sleep(self._routine_s)
            self._tell([Happening(name, Happens.ROUTINE)], time.time())

    async def _flap(self, arguments: tuple[str, ...]) -> None:
        down = True
        while True:
            await asyncio.sleep(_FLAP_S)
            down = not down
            await self._apply("flap", arguments, broken=down)

    async def _apply(self, what: str, arguments: tuple[str, ...], *, broken: bool) -> None:
        now = time.time()
        booted = {name: box.booted for name, box in self._fabric.boxes.items()}
        happened = breakage.apply(self._fabric, what, arguments, broken, now)
        for name, box in self._fabric.boxes.items():
            if box.booted != booted[name] and name in self._agents:
                await self._agents[name].restart()
        await self._show()
        self._tell(happened, now)

    async def _show(self) -> None:
        for name, box in self._fabric.boxes.items():
            if agent := self._agents.get(name):
                agent.silence(not box.answers or box.agent_dead)
                agent.show(mib.cells(box, self._fabric))
            if shell := self._shells.get(name):
                await shell.reach(box.answers)

    def _tell(self, happened: Iterable[Happening], now: float) -> None:
        for it in happened:
            self._sender.tell(self._fabric.boxes[it.device], [it], now)


def _agent(device: Device, access: SnmpAccess) -> SnmpAgent:
    references = {"community": access.community, "auth": access.auth, "priv": access.priv}
    secrets = {name: settings.secret(str(it)) for name, it in references.items() if it}
    if access.version == "v2c" and "community" not in secrets:
        raise UsageError(f"{device.name}: SNMP v2c needs a community")
    return SnmpAgent((device.address, access.port), access, secrets)


def _described(box: Box) -> dict[str, object]:
    return {
        "address": box.address,
        "platform": box.hardware.platform,
        "model": box.hardware.model,
        "version": box.hardware.version,
        "serial": box.serial,
        "answers": box.answers,
        "interfaces": {port.name: "up" if port.up else "down" for port in box.ports.values()},
        "neighbours": {p.name: f"{p.neighbour[0]}:{p.neighbour[1]}" for p in box.ports.values() if p.neighbour},
        "bgp": {peer.address: "established" if peer.up else "active" for peer in box.peers.values()},
    }
