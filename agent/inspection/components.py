"""Checks that the latest poll answers: fans, power supplies, interfaces, peers, the version."""

import re

from agent.faults import rules
from agent.faults.fault import FaultKind
from agent.inspection.checklist import Item
from agent.inspection.finding import Finding, Result, not_applicable, not_checked, short
from agent.inspection.material import Material
from agent.locale import N_, Text
from agent.observation import ComponentKind, Fact, Observation, Subject, Tier


def fans(_item: Item, material: Material) -> Finding:
    return _parts(material, ComponentKind.FAN)


def power_supplies(_item: Item, material: Material) -> Finding:
    return _parts(material, ComponentKind.POWER_SUPPLY)


def _parts(material: Material, kind: ComponentKind) -> Finding:
    told = {subject: facts[Fact.STATE] for subject, facts in material.of(Tier.HEALTH, kind, Fact.STATE).items()}
    present = {subject: state for subject, state in told.items() if state.value != "absent"}
    if not present:
        if material.read_whole(Tier.HEALTH, kind):
            return not_applicable(Text("the device reports none"))
        return not_checked(Text("the device did not tell of any"))
    by_word = {
        word: [subject for subject, state in present.items() if state.value == word] for word in ("failed", "unknown")
    }
    working = sum(state.value == "ok" for state in present.values())
    measured = Text("{n} of {all} work", {"n": working, "all": len(present)})
    result = Result.FAIL if by_word["failed"] else Result.WARN if by_word["unknown"] else Result.PASS
    return Finding(result, measured, Text("all of them"), _told(present))


def _told(present: dict[Subject, Observation]) -> Text:
    broken = [
        f"{subject.name}: {state.detail or state.value}" for subject, state in present.items() if state.value != "ok"
    ]
    return Text("{names}", {"names": short(*(broken or [subject.name for subject in present]))})


def interfaces_down(_item: Item, material: Material) -> Finding:
    """Failed: the inventory has a link on it, or a fault says that it was up. Warning: somebody named it."""
    told = material.of(Tier.STATUS, ComponentKind.INTERFACE, Fact.ADMIN_STATUS, Fact.OPER_STATUS)
    if not told:
        return not_checked(Text("no interface states were read"))
    aliases = {
        subject: str(facts[Fact.ALIAS].value)
        for tier in (Tier.STATUS, Tier.HEALTH, Tier.IDENTITY)
        for subject, facts in material.of(tier, ComponentKind.INTERFACE, Fact.ALIAS).items()
    }
    faulty = {fault.subject for fault in material.faults if fault.kind is FaultKind.INTERFACE_DOWN and fault.active}
    down = [subject for subject, facts in told.items() if _is_down(facts, subject, material)]
    meant = [subject for subject in down if subject.name in material.linked or subject in faulty]
    named = [subject for subject in down if subject not in meant and aliases.get(subject, "").strip()]
    result = Result.FAIL if meant else Result.WARN if named else Result.PASS
    evidence = Text("interfaces read: {n}, down with nothing on them: {idle}", {"n": len(told), "idle": len(down)})
    if meant or named:
        names = [f"{s.name} ({aliases[s]})" if aliases.get(s) else s.name for s in (*meant, *named)]
        evidence = Text("{names}", {"names": short(*names)})
    measured = Text("links down: {meant}, described ports down: {named}", {"meant": len(meant), "named": len(named)})
    return Finding(result, measured, Text("none"), evidence)


def _is_down(facts: dict[Fact, Observation], subject: Subject, material: Material) -> bool:
    admin, oper = facts.get(Fact.ADMIN_STATUS), facts.get(Fact.OPER_STATUS)
    if admin is None or oper is None or rules.ignored(material.device, subject.name):
        return False
    return admin.value == "up" and oper.value in rules.DOWN


def routing_peers(_item: Item, material: Material) -> Finding:
    told = material.of(Tier.STATUS, ComponentKind.BGP_PEER, Fact.BGP_STATE, Fact.BGP_ADMIN)
    wanted = {
        subject: facts[Fact.BGP_STATE]
        for subject, facts in told.items()
        if Fact.BGP_STATE in facts and not (Fact.BGP_ADMIN in facts and facts[Fact.BGP_ADMIN].value == "stop")
    }
    if not wanted:
        if told or material.read_whole(Tier.STATUS, ComponentKind.BGP_PEER):
            return not_applicable(Text("the device has no peers"))
        return not_checked(Text("the table of peers was not read"))
    lost = [f"{subject.name}: {state.value}" for subject, state in wanted.items() if state.value != "established"]
    evidence = Text("{names}", {"names": short(*(lost or [subject.name for subject in wanted]))})
    measured = Text("{n} of {all} established", {"n": len(wanted) - len(lost), "all": len(wanted)})
    return Finding(Result.FAIL if lost else Result.PASS, measured, Text("all of them"), evidence)


def software_version(_item: Item, material: Material) -> Finding:
    """Older than the target fails, newer is worth a look: somebody chose the target for a reason."""
    target = material.device.software_target
    if not target:
        return not_applicable(Text("the inventory names no version for it"))
    found = material.latest(Fact.VERSION)
    if found is None:
        return not_checked(Text("the device did not tell its version"))
    version = str(found[0].value)
    order = compare(version, target)
    result = {0: Result.PASS, -1: Result.FAIL, 1: Result.WARN}[order]
    said = {
        0: N_("it runs the version that the inventory names"),
        -1: N_("it is behind the version that the inventory names"),
        1: N_("it is ahead of the version that the inventory names"),
    }
    return Finding(
        result,
        Text("{version}", {"version": short(version)}),
        Text("{version}", {"version": target}),
        Text("{said:text}", {"said": said[order]}),
    )


def compare(version: str, target: str) -> int:
    """-1 older, 0 the same, 1 newer: numbers as numbers, letters as letters. 17.09.04 is 17.9.4."""
    ours, theirs = _parts_of(version), _parts_of(target)
    return (ours > theirs) - (ours < theirs)


def _parts_of(version: str) -> list[tuple[int, str]]:
    """Numbers sort before letters, so that a rebuild (4a) is newer than its release (4)."""
    parts = re.findall(r"\d+|[a-z]+", version.lower())
    return [(int(part), "") if part.isascii() and part.isdigit() else (-1, part) for part in parts]
