"""What a part is called. Of an interface polls say ifName (`Gi0/1`), logs and traps ifDescr, a short form, an ifIndex;
of an OSPF neighbour polls say its address, logs its router ID.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from agent.observation import Batch, ComponentKind, Fact

_PARTS = re.compile(r"([A-Za-z][A-Za-z_ -]*?)[ -]?(\d[\d/.:]*)")  # GigabitEthernet 0/1: letters, numbers


@dataclass(frozen=True, slots=True)
class Interfaces:
    """The names of one device's interfaces, by everything else that they are called."""

    names: frozenset[str] = frozenset()
    by_descr: Mapping[str, str] = field(default_factory=dict)
    by_index: Mapping[str, str] = field(default_factory=dict)  # ifIndex as text
    by_number: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)  # "0/1": (letters, name)

    def named(self, said: str, index: str = "") -> str:
        """The ifName of what somebody called `said`, or of the ifIndex; `said` itself where nobody knows better."""
        if said in self.names:
            return said
        return self.by_descr.get(said) or self.by_index.get(index) or self._abbreviated(said) or said

    def _abbreviated(self, said: str) -> str:
        """`Gi0/1` and `GigabitEthernet0/1` are one interface; where two could be meant, none is."""
        letters, number = _split(said)
        candidates = (
            {name for own, name in self.by_number.get(number, ()) if _alike(own, letters)} if letters else set()
        )
        return candidates.pop() if len(candidates) == 1 else ""


def interfaces(identity: Batch | None) -> Interfaces:
    """As the device's last identity poll told them."""
    if identity is None:
        return Interfaces()
    names: set[str] = set()
    descrs: dict[str, str] = {}
    indices: dict[str, str] = {}
    for o in identity.observations:
        if o.subject.kind is ComponentKind.INTERFACE:
            names.add(o.subject.name)
            if o.fact is Fact.DESCR:
                descrs[str(o.value)] = o.subject.name if str(o.value) not in descrs else ""  # one of two is nobody
            elif o.fact is Fact.IF_INDEX:
                indices[str(o.value)] = o.subject.name
    descrs = {descr: name for descr, name in descrs.items() if name}
    numbers: dict[str, tuple[tuple[str, str], ...]] = {}
    for called, name in (*((name, name) for name in sorted(names)), *descrs.items()):
        letters, number = _split(called)
        if letters:
            numbers[number] = (*numbers.get(number, ()), (letters, name))
    return Interfaces(frozenset(names), descrs, indices, numbers)


def ospf_neighbour(status: Batch | None, said: str) -> str:
    """The address of the neighbour with that router ID; `said` itself for an address, or where two have the ID."""
    told = [o for o in status.observations if o.subject.kind is ComponentKind.OSPF_NEIGHBOUR] if status else []
    if any(o.subject.name == said for o in told):
        return said
    meant = {o.subject.name for o in told if o.fact is Fact.ROUTER_ID and o.value == said}
    return meant.pop() if len(meant) == 1 else said


def _split(name: str) -> tuple[str, str]:
    """(letters in lower case, number); ("", "") for a name of another form."""
    found = _PARTS.fullmatch(name.strip())
    return (found[1].lower().replace(" ", ""), found[2]) if found else ("", "")


def _alike(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)
