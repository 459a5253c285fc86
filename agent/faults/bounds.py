"""Where a reading stands to the device's own limits. Nothing is a fault here: pages, reports and inspections ask it."""

from enum import StrEnum

from agent.observation import ComponentKind, Fact, Observation, Subject

_NO_LIGHT_DBM = -35.0  # what transceivers tell of a port that nothing shines into: -40, -60
_OFF = 0.1  # of the least current of a laser: less is none
_FAR_BELOW_DB = 10.0  # this far below the alarm threshold no receiver works: there is no light, not a weak one


class Mark(StrEnum):
    INSIDE = ""
    HIGH = "high"
    LOW = "low"
    DARK = "dark"  # an optical port without light, or a laser that is off: a matter of the link, not of the transceiver


def mark(reading: Observation) -> Mark:
    """A temperature is too high at its limit, as the faults have it; other readings are outside beyond theirs."""
    if not isinstance(reading.value, int | float):
        return Mark.INSIDE
    value, low, high = float(reading.value), reading.low_limit, reading.limit
    if low is not None and high is not None and low >= high:
        return Mark.INSIDE  # limits that exclude every value say nothing
    if is_dark(reading):
        return Mark.DARK
    if high is not None and (value > high or (value == high and reading.fact is Fact.CELSIUS)):
        return Mark.HIGH
    return Mark.LOW if low is not None and value < low else Mark.INSIDE


def is_dark(reading: Observation) -> bool:
    """Whether no light is received or sent, by the power or by the current that a laser takes."""
    if reading.fact is not Fact.SENSOR_VALUE or not isinstance(reading.value, int | float):
        return False
    if reading.detail == "A" and reading.low_limit is not None:
        return 0 <= reading.value <= reading.low_limit * _OFF
    if reading.detail != "dBm":
        return False
    floor = _NO_LIGHT_DBM if reading.low_limit is None else max(_NO_LIGHT_DBM, reading.low_limit - _FAR_BELOW_DB)
    return float(reading.value) <= floor


def receives_light(reading: Observation) -> bool:
    """Whether it is an optical receive power, told by its unit and its name."""
    return reading.detail == "dBm" and named_as_received(reading.subject)


def named_as_received(subject: Subject) -> bool:
    """By the words that transceivers' sensors go by; of a reading in dBm it means received light."""
    name = subject.name.lower()
    words = name.replace("-", " ").replace("_", " ").replace("/", " ").split()
    return subject.kind is ComponentKind.SENSOR and (
        "receive" in name or any(word in {"rx", "rxpower", "input"} for word in words)
    )
