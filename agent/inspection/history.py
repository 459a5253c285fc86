"""Checks that the agent's own history answers: availability, restarts, extremes, errors, messages."""

from agent.faults import rules
from agent.faults.fault import FaultKind
from agent.inspection.checklist import Item
from agent.inspection.finding import Finding, Result, graded, not_applicable, not_checked, short
from agent.inspection.material import Material
from agent.locale import Text
from agent.observation import ComponentKind, Fact, Subject, SyslogSeverity, Tier

Extremes = dict[Subject, tuple[float, float]]


def reachability(item: Item, material: Material) -> Finding:
    found, target = material.availability, material.target_pct
    percent = found.percent
    if percent is None:
        return not_checked(Text("the device was not observed once in the period"))
    unseen = 100 * (found.unobserved / found.period)
    values: dict[str, str | int | float] = {
        "down": found.down.total_seconds(),
        "seen": (found.up + found.down + found.planned).total_seconds(),
        "unseen": unseen,
        "state": material.state,
        "outages": sum(fault.kind is FaultKind.DEVICE_UNREACHABLE for fault in material.faults),
    }
    if unseen > item.thresholds["unobserved_most_pct"] and material.state != "down":
        too_little = Text(
            "only {seen:duration} of the period were observed, of which it was down for {down:duration}", values
        )
        return not_checked(too_little)
    evidence = Text(
        "down for {down:duration} in all, outages: {outages}, "
        "not observed {unseen:percent} of the period; now: {state:word}",
        values,
    )
    result = Result.PASS
    if unseen > item.thresholds["unobserved_warn_pct"]:
        result = Result.WARN  # too much was not seen to vouch for it
    if percent < target or material.state == "down":
        result = Result.FAIL
    return Finding(result, _percent(percent), Text("at least {value:percent}", {"value": target}), evidence)


def _percent(value: float) -> Text:
    return Text("{value:percent}", {"value": value})


def restarts(item: Item, material: Material) -> Finding:
    uptime = material.latest(Fact.UPTIME)
    found = [fault for fault in material.faults if fault.kind is FaultKind.DEVICE_RESTARTED]
    if uptime is None and not found:
        return not_checked(Text("the device never told how long it has been up"))
    own = [fault for fault in found if not fault.suppressed.startswith("maintenance")]
    values: dict[str, str | int | float] = {"n": len(own), "planned": len(found) - len(own)}
    if uptime is None:
        evidence = Text("in maintenance windows besides: {planned}", values)
    else:
        values["up"] = float(uptime[0].value)
        evidence = Text("up for {up:duration}; in maintenance windows besides: {planned}", values)
    warn, fail = item.thresholds["warn"], item.thresholds["fail"]
    threshold = Text("warning from {warn}, failed from {fail}", {"warn": warn, "fail": fail})
    return Finding(graded(len(own), warn, fail), Text("restarts: {n}", values), threshold, evidence)


def cpu(item: Item, material: Material) -> Finding:
    return _load(item, material, ComponentKind.CPU, Fact.USAGE)


def memory(item: Item, material: Material) -> Finding:
    return _load(item, material, ComponentKind.MEMORY, Fact.USED)


def _load(item: Item, material: Material, kind: ComponentKind, fact: Fact) -> Finding:
    reclaimable = {s for s, f in material.of(Tier.HEALTH, kind, fact).items() if f[fact].detail == "reclaimable"}
    found = {s: known for s, known in _extremes(material, fact).items() if s.kind is kind and s not in reclaimable}
    if not found:
        if material.read_whole(Tier.HEALTH, kind):
            return not_applicable(Text("the device reports none"))
        return not_checked(Text("nothing was measured in the period"))
    worst = max(found, key=lambda subject: (found[subject][0], found[subject][1]))
    mean, highest = found[worst][0], max(maximum for _mean, maximum in found.values())
    limits = item.thresholds
    result = graded(mean, limits["mean_warn_pct"], limits["mean_fail_pct"])
    if result is Result.PASS and highest >= limits["highest_warn_pct"]:
        result = Result.WARN
    return Finding(
        result,
        Text("{mean:one} % on average, {highest:one} % at most", {"mean": mean, "highest": highest}),
        Text("average under {warn} % (failed from {fail} %), highest under {top} %", _limits(item)),
        Text("measured: {n}, the busiest: {name}", {"n": len(found), "name": short(worst.name)}),
    )


def _limits(item: Item) -> dict[str, str | int | float]:
    limits = item.thresholds
    return {"warn": limits["mean_warn_pct"], "fail": limits["mean_fail_pct"], "top": limits["highest_warn_pct"]}


def _extremes(material: Material, fact: Fact) -> Extremes:
    return {subject: extremes for (subject, each), extremes in material.extremes.items() if each is fact}


def temperature(item: Item, material: Material) -> Finding:
    found = _extremes(material, Fact.CELSIUS)
    if not found:
        if material.read_whole(Tier.HEALTH, ComponentKind.TEMPERATURE):
            return not_applicable(Text("the device reports none"))
        return not_checked(Text("nothing was measured in the period"))
    told = material.of(Tier.HEALTH, ComponentKind.TEMPERATURE, Fact.CELSIUS)
    limits = {subject: facts[Fact.CELSIUS].limit for subject, facts in told.items()}
    own = rules.in_force().limit("temperature_high", material.device)
    worst = min(found, key=lambda subject: (limits.get(subject) or own) - found[subject][1])
    limit, highest = limits.get(worst) or own, found[worst][1]
    near = highest - limit  # 0 at the limit, negative below it
    result = graded(near, -item.thresholds["warn_below_limit_c"], -item.thresholds["fail_below_limit_c"])
    whose = Text("{name}; the limit is the device's own", {"name": short(worst.name)})
    if not limits.get(worst):
        whose = Text("{name}; the limit is the inventory's", {"name": short(worst.name)})
    warn = limit - item.thresholds["warn_below_limit_c"]
    threshold = Text("under {warn:one} °C, failed from {limit:one} °C", {"warn": warn, "limit": limit})
    return Finding(result, Text("{value:one} °C at most", {"value": highest}), threshold, whose)


def interface_errors(item: Item, material: Material) -> Finding:
    if not material.errors:
        return not_checked(Text("no error counters were read in the period"))
    worst = max(material.errors, key=lambda subject: material.errors[subject])
    most = material.errors[worst]
    warn, fail = item.thresholds["warn"], item.thresholds["fail"]
    bad = sorted((s for s, count in material.errors.items() if count >= warn), key=lambda s: -material.errors[s])
    evidence = Text("interfaces read: {n}", {"n": len(material.errors)})
    if bad:
        evidence = Text("{names}", {"names": short(*(f"{s.name}: {material.errors[s]:.0f}" for s in bad))})
    measured = Text("at most {value:whole} on one interface ({name})", {"value": most, "name": short(worst.name)})
    if not most:
        measured = Text("errors: {value:whole}", {"value": 0})
    threshold = Text("warning from {warn}, failed from {fail}", {"warn": warn, "fail": fail})
    return Finding(graded(most, warn, fail), measured, threshold, evidence)


def log_severities(item: Item, material: Material) -> Finding:
    total = sum(material.messages.values())
    if not total:
        return not_checked(Text("no message was received in the period: nobody knows whether the device sends any"))
    worse = (SyslogSeverity.EMERGENCY, SyslogSeverity.ALERT, SyslogSeverity.CRITICAL)
    critical = sum(material.messages.get(severity, 0) for severity in worse)
    errors = material.messages.get(SyslogSeverity.ERROR, 0)
    limits = item.thresholds
    result = graded(critical, limits["critical_warn"], limits["critical_fail"])
    if result is Result.PASS and errors >= limits["error_warn"]:
        result = Result.WARN
    return Finding(
        result,
        Text("critical or worse: {critical}, errors: {errors}", {"critical": critical, "errors": errors}),
        Text(
            "critical: warning from {warn}, failed from {fail}; errors: warning from {errors}",
            {"warn": limits["critical_warn"], "fail": limits["critical_fail"], "errors": limits["error_warn"]},
        ),
        Text("messages in all: {total}", {"total": total}),
    )
