"""An interface that is down and should not be."""

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import ClassVar

from agent.faults.rules.rule import Rule
from agent.faults.rules.scene import Judgement, Scene
from agent.inventory.device import Device, Role
from agent.observation import Batch, Fact, Subject

DOWN = frozenset({"down", "lowerLayerDown", "notPresent"})


class InterfaceDown(Rule):
    """Admin up and oper down, where it carries a link or was up before."""

    follows_state: ClassVar[bool] = True

    links_only_on: tuple[Role, ...] = (Role.ACCESS,)
    """Devices on which only links count: desks are switched off every evening."""

    def judge(self, scene: Scene) -> Iterator[Judgement]:
        for subject, told in scene.facts(Fact.ADMIN_STATUS, Fact.OPER_STATUS).items():
            admin, oper = told.get(Fact.ADMIN_STATUS), told.get(Fact.OPER_STATUS)
            if admin is None or oper is None or ignored(scene.device, subject.name):
                continue
            if admin.value != "up":
                yield Judgement(subject, self.kind, False, f"admin {admin.value}")
            elif oper.value not in DOWN:
                yield Judgement(subject, self.kind, False, f"oper {oper.value}")
            elif self._expected_up(scene, subject):
                yield Judgement(subject, self.kind, True, f"oper {oper.value}, admin up")

    def _expected_up(self, scene: Scene, subject: Subject) -> bool:
        """An interface that nobody plugged anything into is no fault; one that carried something is."""
        if subject.name in scene.linked or scene.is_open(self.kind, subject):
            return True
        return scene.device.role not in self.links_only_on and scene.states.get(subject) == "up"


_VIRTUAL = {24, 53, 131, 135, 136, 150}  # IANAifType: loopback, propVirtual, tunnel, VLANs, MPLS tunnel
_BUNDLE = re.compile(r"(?i)(?:po|port-?channel|bundle-ether|ae|eth-trunk|bond)\d+")  # propVirtual to older systems


def speeds(batch: Batch | None) -> dict[str, float]:
    """Bits per second by ifName, as an identity poll tells them.

    What a tunnel or an SVI is said to carry is a figure for routing protocols, and no limit: those are left out.
    """
    told = batch.observations if batch else ()
    virtual = {o.subject for o in told if o.fact is Fact.IF_TYPE and o.value in _VIRTUAL}
    return {
        o.subject.name: float(o.value)
        for o in told
        if o.fact is Fact.SPEED and (o.subject not in virtual or _BUNDLE.fullmatch(o.subject.name))
    }


def ignored(device: Device, interface: str) -> bool:
    return any(fnmatchcase(interface, pattern) for pattern in device.ignore_interfaces)
