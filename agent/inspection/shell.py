"""Checks that the device answers over SSH: redundancy, the clock, whether the configuration is saved.

Where SSH says nothing of the first two, SNMP does.
"""

from agent.inspection import hardware, reading
from agent.inspection.checklist import Item
from agent.inspection.finding import Finding, Result, graded, not_applicable, not_checked, short
from agent.inspection.material import Material
from agent.inspection.reading import Reading
from agent.locale import Text
from agent.observation import Fact


def platform(material: Material) -> str:
    """The inventory's word, else what the device said over SNMP."""
    told = material.latest(Fact.PLATFORM)
    return material.device.platform or (str(told[0].value) if told else "")


def answer(topic: str, material: Material) -> Reading | Finding:
    """What the device's text means, or why that cannot be told."""
    if topic in material.failures:
        return not_checked(Text("it could not be asked: {why}", {"why": short(material.failures[topic])}))
    if topic not in material.transcripts:
        return not_checked(Text("it was not asked"))
    text = material.transcripts[topic].text
    if found := reading.read(topic, platform(material), text):
        return found
    if line := reading.refused(text):
        return not_checked(Text("the device refused: {line}", {"line": line}))
    return not_checked(Text("its answer was not understood"))


def redundancy(item: Item, material: Material) -> Finding:
    """Of two kinds: a device that stands in (the inventory says which), and a second half in the same chassis."""
    lost = [f"{name}: {state}" for name, state in material.partners.items() if state == "down"]
    if lost:
        evidence = Text("the device that stands in is lost: {names}", {"names": short(*lost)})
        return Finding(Result.FAIL, Text("no redundancy left"), Text("a second half stands ready"), evidence)
    found = answer(item.topic, material)
    if isinstance(found, Finding):
        return hardware.second_half(material) or found
    if found.means == "none" and (told := hardware.second_half(material)):
        return told
    if found.means == "none" and not material.partners:
        return not_applicable(Text("it has no second half, and the inventory names none"))
    threshold, said = Text("a second half stands ready"), Text("{line}", {"line": found.line})
    if found.means == "bad":
        return Finding(Result.FAIL, Text("the second half is not ready"), threshold, said)
    if found.means == "ok":
        return Finding(Result.PASS, Text("the second half is ready"), threshold, said)
    unseen = [name for name, state in material.partners.items() if state != "up"]
    if unseen:
        return not_checked(Text("the device that stands in is not observed: {names}", {"names": short(*unseen)}))
    names = Text("{names} stands in and is up", {"names": short(*material.partners)})
    return Finding(Result.PASS, Text("another device is ready"), threshold, names)


def clock(item: Item, material: Material) -> Finding:
    """By the offset from our clock where the device's can be compared, and by whether it follows a server."""
    found = answer(item.topic, material)
    if isinstance(found, Finding):
        found = _follows(material) or found
    offset = _offset(item, material)
    if isinstance(found, Finding) and offset is None:
        return found
    warn, fail = item.thresholds["warn_s"], item.thresholds["fail_s"]
    line = "" if isinstance(found, Finding) else found.line
    seconds, measured = _deviation(item, material, offset)
    result = Result.PASS if seconds is None else graded(abs(seconds), warn, fail)
    if isinstance(found, Reading) and found.means == "bad":
        result = Result.FAIL
    threshold = Text("within {warn} s (failed from {fail} s), following a server", {"warn": warn, "fail": fail})
    evidence = Text("{line}", {"line": line}) if line else Text("whether it follows a server could not be told")
    return Finding(result, measured, threshold, evidence)


def _deviation(item: Item, material: Material, offset: float | None) -> tuple[float | None, Text]:
    """From our clock; where that cannot be told, from the server that it follows, as it says itself."""
    if offset is not None:
        return offset, Text("{offset:one} s from our clock", {"offset": offset})
    if own := material.latest(Fact.NTP_OFFSET):
        behind = float(own[0].value)
        return behind / 1000, Text("{offset:one} ms from its time server", {"offset": behind})
    if item.topic in material.transcripts or material.latest(Fact.CLOCK):
        return None, Text("its zone cannot be compared with ours")
    return None, Text("its time was not told")


def _follows(material: Material) -> Reading | None:
    """Whether it follows a server, as NTP's MIBs tell it."""
    state, stratum = material.latest(Fact.NTP_STATE), material.latest(Fact.NTP_STRATUM)
    if state is None:
        return None
    told = state[0]
    word = f"NTP: {told.detail or told.value}" + (f", stratum {stratum[0].value}" if stratum else "")
    return Reading("ok" if told.value == "synchronised" else "bad", word)


def _offset(item: Item, material: Material) -> float | None:
    """Seconds that the device is ahead, by SSH, else by SNMP (HOST-RESOURCES-MIB::hrSystemDate)."""
    printed = material.transcripts.get(item.topic)
    if printed and (told := reading.clock(platform(material), printed.text)):
        return (told - printed.at).total_seconds()
    observed = material.latest(Fact.CLOCK)
    if observed and (told := reading.moment(str(observed[0].value))):
        return (told - observed[1]).total_seconds()
    return None


def configuration_saved(item: Item, material: Material) -> Finding:
    found = answer(item.topic, material)
    if isinstance(found, Finding):
        return found
    threshold = Text("no difference")
    if found.means == "bad":
        said = Text("the device says: {line}", {"line": found.line})
        return Finding(Result.FAIL, Text("not saved"), threshold, said)
    said = Text("{line}", {"line": found.line}) if found.line else Text("the comparison printed no difference")
    return Finding(Result.PASS, Text("saved"), threshold, said)
