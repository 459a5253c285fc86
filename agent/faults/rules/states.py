"""The state each component is in, for the history; a device's own follows its faults instead."""

from agent.faults.rules.interface import DOWN
from agent.faults.rules.scene import Scene
from agent.observation import Fact, Observation, Subject

_IN_ORDER = {
    Fact.BGP_STATE: frozenset({"established"}),
    Fact.OSPF_STATE: frozenset({"full", "twoWay"}),
    Fact.BFD_STATE: frozenset({"up"}),
}

STATES = frozenset({Fact.OPER_STATUS, Fact.STATE, *_IN_ORDER})


def states(scene: Scene) -> dict[Subject, str]:
    """up, down, admin_down of interfaces and sessions; ok, failed, absent of parts."""
    found: dict[Subject, str] = {}
    for subject, told in scene.facts(Fact.ADMIN_STATUS, Fact.OPER_STATUS, *_IN_ORDER, Fact.STATE).items():
        if Fact.OPER_STATUS in told:
            found[subject] = _interface(told)
        elif Fact.STATE in told and told[Fact.STATE].value != "unknown":
            found[subject] = str(told[Fact.STATE].value)
        else:
            for fact, fine in _IN_ORDER.items():
                if fact in told:
                    found[subject] = _session(str(told[fact].value), fine)
    return found


def _interface(told: dict[Fact, Observation]) -> str:
    admin, oper = told.get(Fact.ADMIN_STATUS), str(told[Fact.OPER_STATUS].value)
    if admin is not None and admin.value == "down":
        return "admin_down"
    return "down" if oper in DOWN else oper


def _session(word: str, fine: frozenset[str]) -> str:
    return "admin_down" if word == "adminDown" else "up" if word in fine else "down"
