"""Checks of what a chassis tells of itself over SNMP: storage, modules, stack, alarms, redundancy, optics.

Not every platform has a MIB for each of these. Where a whole poll told of none, the item is not applicable: nobody
claims that it is in order. Where the poll was not whole, it is not checked.
"""

from collections.abc import Mapping

from agent.faults import bounds
from agent.faults.bounds import Mark
from agent.inspection.checklist import Item
from agent.inspection.finding import Finding, Result, graded, not_applicable, not_checked, short
from agent.inspection.material import Material
from agent.locale import Text
from agent.observation import ComponentKind, Fact, Observation, Subject, Tier

_THIS_HALF = frozenset({"active", "master"})  # what the half that answers calls itself


def storage(item: Item, material: Material) -> Finding:
    told = material.of(Tier.HEALTH, ComponentKind.STORAGE, Fact.USED)
    used = {s: float(f[Fact.USED].value) for s, f in told.items() if f[Fact.USED].detail != "reclaimable"}
    if not used:
        return _none(material, ComponentKind.STORAGE)
    warn, fail = item.thresholds["warn_pct"], item.thresholds["fail_pct"]
    order = sorted(used, key=lambda subject: (-used[subject], subject))
    full = [subject for subject in order if used[subject] >= warn] or order[:1]
    names = short(*(f"{subject.name}: {used[subject]:.1f} %" for subject in full))
    most = used[order[0]]
    return Finding(
        graded(most, warn, fail),
        Text("{value:one} % of the fullest", {"value": most}),
        Text("warning from {warn} %, failed from {fail} %", {"warn": warn, "fail": fail}),
        Text("{names}", {"names": names}),
    )


def modules(_item: Item, material: Material) -> Finding:
    return _in_order(material, ComponentKind.MODULE)


def stack(_item: Item, material: Material) -> Finding:
    return _in_order(material, ComponentKind.STACK)


def chassis_alarms(_item: Item, material: Material) -> Finding:
    states = _states(material, ComponentKind.CHASSIS_ALARM)
    if not states:
        return _none(material, ComponentKind.CHASSIS_ALARM)
    known = {subject: o for subject, o in states.items() if o.value in {"ok", "failed"}}
    if not known:
        return not_checked(Text("the state of none of them is known: {names}", {"names": _said(states)}))
    on = {subject: o for subject, o in known.items() if o.value == "failed"}
    measured = Text("alarms: {n}", {"n": len(on)})
    return Finding(
        Result.FAIL if on else Result.PASS, measured, Text("none"), Text("{names}", {"names": _said(on or known)})
    )


def _in_order(material: Material, kind: ComponentKind) -> Finding:
    """A module whose state is unknown is not counted as one in order, nor held against the device."""
    states = _states(material, kind)
    if not states:
        return _none(material, kind)
    known = {subject: o for subject, o in states.items() if o.value in {"ok", "failed"}}
    if not known:
        return not_checked(Text("the state of none of them is known: {names}", {"names": _said(states)}))
    failed = {subject: o for subject, o in known.items() if o.value == "failed"}
    measured = Text("{n} of {all} work", {"n": len(known) - len(failed), "all": len(known)})
    names = _said(failed) if failed else short(*(subject.name for subject in known))
    return Finding(
        Result.FAIL if failed else Result.PASS, measured, Text("all of them"), Text("{names}", {"names": names})
    )


def second_half(material: Material) -> Finding | None:
    """What SNMP says of redundancy: None where there is no second half, or nothing was told."""
    states = _states(material, ComponentKind.REDUNDANCY)
    failed = {subject: o for subject, o in states.items() if o.value == "failed"}
    ready = {subject: o for subject, o in states.items() if o.value == "ok"}
    threshold = Text("a second half stands ready")
    if failed:
        return Finding(
            Result.FAIL, Text("the second half is not ready"), threshold, Text("{names}", {"names": _said(failed)})
        )
    alone = len(ready) == 1 and all(o.detail.lower() in _THIS_HALF for o in ready.values())
    if not ready or alone:
        return None
    return Finding(Result.PASS, Text("the second half is ready"), threshold, Text("{names}", {"names": _said(ready)}))


def optical_power(item: Item, material: Material) -> Finding:
    """Received light against the transceiver's own limits. A port without light is a matter of its link."""
    told = material.of(Tier.HEALTH, ComponentKind.SENSOR, Fact.SENSOR_VALUE)
    optics = [f[Fact.SENSOR_VALUE] for f in told.values() if bounds.receives_light(f[Fact.SENSOR_VALUE])]
    if not optics:
        return _none(material, ComponentKind.SENSOR)
    lit = [o for o in optics if not bounds.is_dark(o)]
    if not lit:
        return not_applicable(Text("no port receives light"))
    judged = [o for o in lit if o.low_limit is not None]
    if not judged:
        return not_checked(Text("the device tells no limits of its own"))
    margin = item.thresholds["warn_within_db"]
    outside = [o for o in judged if bounds.mark(o) is not Mark.INSIDE]
    near = [o for o in judged if o not in outside and _reserve(o) < margin]
    weakest = sorted(outside or near or judged, key=_reserve)
    result = Result.FAIL if outside else Result.WARN if near else Result.PASS
    values: dict[str, str | int | float] = {"n": len(judged) - len(outside), "all": len(judged)}
    values["dark"] = len(optics) - len(lit)
    return Finding(
        result,
        Text("{n} of {all} within their limits; without light: {dark}", values),
        Text("the device's own limits, warning within {margin} dB of the low one", {"margin": margin}),
        Text("{names}", {"names": short(*map(_with_limits, weakest if outside or near else weakest[:1]))}),
    )


def _reserve(o: Observation) -> float:
    return float(o.value) - (o.low_limit or 0.0)


def _with_limits(o: Observation) -> str:
    high = "" if o.limit is None else f" … {o.limit:g}"
    return f"{o.subject.name}: {float(o.value):g} dBm ({o.low_limit:g}{high})"


def _states(material: Material, kind: ComponentKind) -> dict[Subject, Observation]:
    """Of what is there: an empty slot is nothing to judge."""
    told = material.of(Tier.HEALTH, kind, Fact.STATE)
    return {subject: f[Fact.STATE] for subject, f in told.items() if f[Fact.STATE].value != "absent"}


def _said(states: Mapping[Subject, Observation]) -> str:
    return short(*(f"{subject.name}: {o.detail or o.value}" for subject, o in states.items()))


def _none(material: Material, kind: ComponentKind) -> Finding:
    batch = material.batches.get(Tier.HEALTH)
    if batch is None or (batch.failures and not material.read_whole(Tier.HEALTH, kind)):
        return not_checked(Text("the device did not tell of any"))
    return not_applicable(Text("the device reports none"))
