"""Faults of one box: hardware, resources, what ended with the device and what began with its restart."""

import re
from datetime import timedelta

from agent.faults.correlation.board import AT_ONCE, Board, age
from agent.faults.fault import Fault, FaultKind
from agent.inventory.topology import other

K = FaultKind
BEFORE_RESTART = timedelta(minutes=15)  # a device is away for minutes before anybody sees that it started anew
AFTER_RESTART = timedelta(minutes=5)

# One box shows it on several parts at once.
ONE_PER_DEVICE = frozenset({K.CPU_HIGH, K.MEMORY_HIGH, K.TEMPERATURE_HIGH, K.CPU_UNUSUAL, K.MEMORY_UNUSUAL, K.FAILOVER})
MATED = (K.REDUNDANCY_LOST, K.FAILOVER)
# What cannot be seen of a device that does not answer, or is only another word for it.
GONE_WITH_DEVICE = (
    K.SNMP_AGENT_DEAD,
    K.STALE_COLLECTION,
    K.DEVICE_RESTARTED,
    K.LATENCY_HIGH,
    K.LATENCY_UNUSUAL,
    K.PACKET_LOSS,
    K.CLOCK_UNSYNCHRONISED,
)
# (kind, what explains it on the same subject). Full explains filling, high explains unusual.
SAME_SUBJECT = (
    (K.CPU_UNUSUAL, (K.CPU_HIGH,)),
    (K.MEMORY_UNUSUAL, (K.MEMORY_HIGH, K.MEMORY_FILLING)),
    (K.MEMORY_FILLING, (K.MEMORY_HIGH,)),
    (K.STORAGE_FILLING, (K.STORAGE_FULL,)),
    (K.LATENCY_UNUSUAL, (K.LATENCY_HIGH,)),
    (K.TRAFFIC_UNUSUAL, (K.INTERFACE_FILLING,)),
    (
        K.RISING_FAST,
        (
            *(K.CPU_HIGH, K.MEMORY_HIGH, K.STORAGE_FULL, K.TEMPERATURE_HIGH, K.LATENCY_HIGH, K.INTERFACE_SATURATED),
            *(K.CPU_UNUSUAL, K.MEMORY_UNUSUAL, K.TRAFFIC_UNUSUAL, K.LATENCY_UNUSUAL),
            *(K.MEMORY_FILLING, K.STORAGE_FILLING, K.INTERFACE_FILLING),
        ),
    ),
)
HARDWARE = (K.POWER_SUPPLY_FAILED, K.FAN_FAILED, K.MODULE_FAILED, K.STACK_DEGRADED, K.TEMPERATURE_HIGH)
WITH_RESTART = frozenset(
    {
        *(K.INTERFACE_DOWN, K.CONFIGURATION_CHANGED, K.CLOCK_UNSYNCHRONISED, K.REDUNDANCY_LOST, K.STACK_DEGRADED),
        K.FAILOVER,
        *(K.SNMP_AGENT_DEAD, K.STALE_COLLECTION, K.CPU_HIGH, K.CPU_UNUSUAL, K.LAG_MEMBER_DOWN),
    }
)


def explain(board: Board) -> None:
    for mine in board.of_device.values():
        _explain_gone(board, mine)
        _explain_hardware(board, mine)
        _explain_same_subject(board, mine)
        for kind in ONE_PER_DEVICE & mine.keys():
            for fault in mine[kind][1:]:
                board.explain(fault, mine[kind][0], "the same trouble of the same device")


def _explain_gone(board: Board, mine: dict[FaultKind, list[Fault]]) -> None:
    gone, deaf = mine.get(K.DEVICE_UNREACHABLE, [None])[0], mine.get(K.SNMP_AGENT_DEAD, [None])[0]
    for kind in GONE_WITH_DEVICE:
        for fault in mine.get(kind, ()):
            board.explain(fault, gone, f"{fault.subject.device} does not answer")
    for fault in mine.get(K.STALE_COLLECTION, ()):
        board.explain(fault, deaf, "its SNMP agent does not answer")


def _explain_same_subject(board: Board, mine: dict[FaultKind, list[Fault]]) -> None:
    for kind, stronger in SAME_SUBJECT:
        for fault in mine.get(kind, ()):
            for cause in (f for each in stronger for f in mine.get(each, ()) if f.subject == fault.subject):
                board.explain(fault, cause, "another sign of the same trouble")


# ---------------------------------------------------------------- hardware


def _explain_hardware(board: Board, mine: dict[FaultKind, list[Fault]]) -> None:
    for supply in mine.get(K.POWER_SUPPLY_FAILED, ()):
        for kind in (K.FAN_FAILED, K.TEMPERATURE_HIGH, K.SENSOR_OUT_OF_RANGE):
            for fault in mine.get(kind, ()):
                if _is_part_of(fault.subject.name, supply.subject.name):
                    board.explain(fault, supply, f"a part of {supply.subject.name}, which has failed")
    for module in (*mine.get(K.MODULE_FAILED, ()), *mine.get(K.STACK_DEGRADED, ())):
        for fault in mine.get(K.INTERFACE_DOWN, ()):
            if abs(fault.began - module.began) <= AT_ONCE and _sits_on(fault.subject.name, module.subject.name):
                board.explain(fault, module, f"sits on {module.subject.name}, which has failed")
    for hot in mine.get(K.TEMPERATURE_HIGH, ()):
        for fan in mine.get(K.FAN_FAILED, ())[:1]:
            board.explain(hot, fan, f"{fan.subject.name} of the same device has failed")
    failed = [fault for kind in (*HARDWARE, K.SENSOR_OUT_OF_RANGE) for fault in mine.get(kind, ())]
    for alarm in mine.get(K.CHASSIS_ALARM, ()):
        for cause in failed[:1]:
            board.explain(alarm, cause, f"the device's alarm for {cause.subject.name or cause.subject.device}")


def _is_part_of(name: str, whole: str) -> bool:
    """`PSU 1 Fan` is a part of `PSU 1`, and not of `PSU 10`; a bare number names nothing for certain."""
    words, of = _words(name), _words(whole)
    return len(of) > 1 and len(words) > len(of) and words[: len(of)] == of


def _words(name: str) -> list[str]:
    return re.findall(r"[a-z]+|\d+", name.lower())


_SLOT = re.compile(r"(?:slot|line ?card|module|card|fpc|lpu|member|switch|unit)\W{0,2}(\d{1,3})", re.IGNORECASE)
_PORT = re.compile(r"[A-Za-z][A-Za-z-]*(\d{1,3})/\d[\d/.]*")


def _sits_on(interface: str, module: str) -> bool:
    """Only where both names say so: `Te3/0/1` sits on `Linecard 3`, and an optic is called after its port."""
    if interface in re.split(r"[\s(),:]+", module):
        return True
    slot, port = _SLOT.fullmatch(module.strip()), _PORT.fullmatch(interface)
    return bool(slot and port and slot[1] == port[1])


# ---------------------------------------------------------------- redundancy and restarts


def explain_mates(board: Board) -> None:
    """Redundancy that is lost, and a role that changed, because of the mate, are told once, and by the mate."""
    for kind in MATED:
        for fault in board.kinds(kind):
            _explain_mate(board, fault)
    for fault in board.kinds(K.FAILOVER):
        mine = board.of_device[fault.subject.device]
        for cause in (*mine.get(K.REDUNDANCY_LOST, ()), *mine.get(K.INTERFACE_DOWN, ())):
            if abs(cause.began - fault.began) <= AFTER_RESTART:
                board.explain(fault, cause, f"began with {cause.subject.name} of the same device")


def _explain_mate(board: Board, fault: Fault) -> None:
    for mate in board.topology.devices[fault.subject.device].redundant_with:
        if gone := board.unreachable.get(mate):
            board.explain(fault, gone, f"{mate}, which stands in for it, does not answer")
        told = [f for f in board.of_device.get(mate, {}).get(fault.kind, ()) if age(f) < age(fault)]
        for first in told[:1]:
            board.explain(fault, first, f"{mate} tells the same")
    if fault.kind is K.REDUNDANCY_LOST:
        broken = [
            f
            for kind in (K.MODULE_FAILED, K.STACK_DEGRADED)
            for f in board.of_device[fault.subject.device].get(kind, ())
        ]
        for cause in broken[:1]:
            board.explain(fault, cause, f"{cause.subject.name} of the same device has failed")


def explain_restarts(board: Board) -> None:
    """What a device and those around it showed while it started anew."""
    for restart in board.kinds(K.DEVICE_RESTARTED):
        device = restart.subject.device
        for kind, mine in board.of_device[device].items():
            if kind in WITH_RESTART:
                for fault in mine:
                    by_restart(board, fault, restart)
        for link in board.topology.links_of(device):
            if cut := board.link_fault(link):
                by_restart(board, cut, restart)
            near = board.of_device.get(other(link, device), {})
            for fault in (each for kind in MATED for each in near.get(kind, ())):
                if device in board.topology.devices[fault.subject.device].redundant_with:
                    by_restart(board, fault, restart)


def by_restart(board: Board, fault: Fault, restart: Fault) -> bool:
    if not -BEFORE_RESTART <= fault.began - restart.began <= AFTER_RESTART:
        return False
    return board.explain(fault, restart, f"{restart.subject.device} restarted")
