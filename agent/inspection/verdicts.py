"""The verdicts: for each item of a checklist, what was measured against which threshold, and what that proves.

A check passes only when something was measured and is in order. What the device does not have is not applicable; what
could not be measured is not checked, and says why.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from agent.inspection import components, hardware, history, shell
from agent.inspection.checklist import Checklist, Item
from agent.inspection.finding import Finding, Result
from agent.inspection.material import Material
from agent.locale import Text

__all__ = ["JUDGES", "Result", "Verdict", "judge"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    device: str
    item: str  # its id
    result: Result
    measured: Text
    threshold: Text
    evidence: Text
    advice: str  # a msgid; empty where nothing needs doing


Judge = Callable[[Item, Material], Finding]
JUDGES: Mapping[str, Judge] = {
    "reachability": history.reachability,
    "restarts": history.restarts,
    "cpu": history.cpu,
    "memory": history.memory,
    "temperature": history.temperature,
    "fans": components.fans,
    "power_supplies": components.power_supplies,
    "storage": hardware.storage,
    "modules": hardware.modules,
    "stack": hardware.stack,
    "chassis_alarms": hardware.chassis_alarms,
    "optical_power": hardware.optical_power,
    "interface_errors": history.interface_errors,
    "interfaces_down": components.interfaces_down,
    "routing_peers": components.routing_peers,
    "redundancy": shell.redundancy,
    "software_version": components.software_version,
    "clock": shell.clock,
    "configuration_saved": shell.configuration_saved,
    "log_severities": history.log_severities,
}


def judge(checklist: Checklist, material: Material) -> tuple[Verdict, ...]:
    """One verdict an item, in the checklist's order. KeyError when an item has no judge: the checklist is ours."""
    return tuple(_verdict(item, JUDGES[item.id](item, material), material) for item in checklist.items)


def _verdict(item: Item, finding: Finding, material: Material) -> Verdict:
    return Verdict(
        device=material.device.name,
        item=item.id,
        result=finding.result,
        measured=finding.measured,
        threshold=finding.threshold,
        evidence=finding.evidence,
        advice=item.advice if finding.result in (Result.WARN, Result.FAIL) else "",
    )
