"""What somebody who has never seen the network needs to know of a case, in words: for a vendor's form or mail, and for
the bundle. Device texts stand in it on one bounded line each."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from agent import locale
from agent.cases.case import Action, Case, Decision, Entry
from agent.cases.ledger import US
from agent.cases.vendor import Handover, What
from agent.faults.fault import Fault
from agent.inventory.customers import Person
from agent.inventory.vendors import Vendor
from agent.locale import N_

LONGEST = 300  # characters of a text that came from elsewhere
MOST_SYMPTOMS, MOST_DONE = 20, 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A device, or a part of one with a serial number of its own; `part` is empty for the device."""

    device: str
    part: str = ""
    vendor: str = ""
    model: str = ""
    version: str = ""
    serial: str = ""
    role: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wire:
    """A link of a device that is concerned."""

    device: str
    interface: str
    far: str
    far_interface: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """`units` and `wires` are those of the devices concerned, the case's own first. `timezone` is the site's."""

    case: Case
    root: Fault | None = None
    symptoms: Sequence[Fault] = ()
    log: Sequence[Entry] = ()
    decisions: Sequence[Decision] = ()
    units: Sequence[Unit] = ()
    wires: Sequence[Wire] = ()
    customer: str = ""
    site: str = ""
    address: str = ""
    engineer: Person | None = None
    vendor: Vendor | None = None
    handover: Handover | None = None
    timezone: str = "UTC"


def line(text: str) -> str:
    flat = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return flat if len(flat) <= LONGEST else flat[: LONGEST - 1] + "…"


def own(log: Iterable[Entry]) -> list[Entry]:
    """The timeline without the lines that say that a bundle of it was made: the same case gives the same words."""
    return [entry for entry in log if entry.data.get("what") != What.BUNDLED]


def subject(stated: Statement) -> str:
    """Of a mail to the vendor, in English."""
    number = f"[{stated.handover.reference}] " if stated.handover and stated.handover.reference else ""
    unit = next((unit for unit in stated.units if not unit.part), None)
    model = f" ({unit.model})" if unit and unit.model else ""
    about = stated.case.title or f"{locale.word(stated.case.kind, 'en')}: {stated.case.subject}"
    return line(f"{number}{stated.case.name} {about}{model}")


def words(stated: Statement, language: str) -> str:
    """Paragraphs with headings, ready to paste."""
    _ = locale.words(language)
    parts = [line(f"{stated.case.name} – {_(N_('hand-over to the vendor'))}"), ""]
    for heading, rows in _sections(stated, language):
        told = [row for row in rows if row]
        if told:
            parts += [f"== {_(heading)} ==", *told, ""]
    return "\n".join(parts).rstrip() + "\n"


def _sections(stated: Statement, language: str) -> Iterator[tuple[str, Iterable[str]]]:
    yield N_("Reference"), _reference(stated, language)
    yield N_("Problem"), _problem(stated, language)
    yield N_("Equipment: serial numbers and software"), _equipment(stated, language)
    yield N_("What it is connected to"), _around(stated)
    yield N_("What was done so far"), _done(stated, language)
    yield N_("Contact"), _contact(stated, language)


def _row(language: str, label: str, value: str) -> str:
    return f"{locale.words(language)(label)}: {line(value)}" if value else ""


def _reference(stated: Statement, language: str) -> Iterator[str]:
    case, vendor, handover = stated.case, stated.vendor, stated.handover
    yield _row(language, N_("Our case"), case.name)
    yield _row(language, N_("Your case"), handover.reference if handover else "")
    yield _row(language, N_("Support contract"), vendor.contract if vendor else "")
    theirs = (handover.severity if handover else "") or (vendor.severity(case.severity) if vendor else "")
    said = f"{theirs} ({case.severity})" if theirs and theirs != case.severity else str(case.severity)
    yield _row(language, N_("Severity"), said)


def _problem(stated: Statement, language: str) -> Iterator[str]:
    case, zone = stated.case, stated.timezone
    yield _row(
        language, N_("What"), f"{locale.word(case.kind, language)}: {case.subject}" if case.subject.device else ""
    )
    yield _row(language, N_("As reported"), case.title)
    yield _row(language, N_("Observed"), locale.reword(stated.root.reason, language) if stated.root else "")
    yield _row(language, N_("Began"), f"{locale.moment(case.began or case.opened, language, zone)} ({zone})")
    if case.recovered:
        yield _row(language, N_("Recovered"), locale.moment(case.recovered, language, zone))
    weighed = next((d for d in stated.decisions if d.what == "severity"), None)
    reasons = "; ".join(locale.reword(reason, language) for reason in weighed.reasons) if weighed else ""
    yield _row(language, N_("Consequences"), reasons)
    for fault in stated.symptoms[:MOST_SYMPTOMS]:
        yield f"- {locale.word(fault.kind, language)}: {line(str(fault.subject))}"
    if more := len(stated.symptoms) - MOST_SYMPTOMS:
        yield locale.say(N_(" and {n} more"), language, n=more).strip() if more > 0 else ""


def _equipment(stated: Statement, language: str) -> Iterator[str]:
    unknown = locale.words(language)(N_("not told"))
    for unit in stated.units:
        name = f"{unit.device} / {unit.part}" if unit.part else unit.device
        said = [
            " ".join(filter(None, (unit.vendor, unit.model))) or unknown,
            _row(language, N_("Serial number"), unit.serial or unknown),
            _row(language, N_("Software"), unit.version or ("" if unit.part else unknown)),
        ]
        yield line(f"- {name}: {', '.join(filter(None, said))}")


def _around(stated: Statement) -> Iterator[str]:
    for wire in stated.wires:
        yield line(f"- {_end(wire.device, wire.interface)} – {_end(wire.far, wire.far_interface)}")


def _end(device: str, interface: str) -> str:
    return f"{device}:{interface}" if interface else device


_SAYS = frozenset(
    {Action.NOTE, Action.VENDOR, Action.RMA, Action.RESTORED, Action.ON_SITE, Action.STATE, Action.EVIDENCE}
)


def _done(stated: Statement, language: str) -> Iterator[str]:
    """What people wrote, and what was collected; what netcase did by itself only where it is about evidence."""
    told = [
        entry
        for entry in own(stated.log)
        if entry.action in _SAYS and (entry.actor != US or entry.action is Action.EVIDENCE)
    ]
    for entry in told[-MOST_DONE:]:
        at = locale.moment(entry.at, language, stated.timezone)
        yield f"- {at} {line(locale.reword(entry.text, language))}"


def _contact(stated: Statement, language: str) -> Iterator[str]:
    person = stated.engineer
    if person:
        yield _row(language, N_("Engineer"), ", ".join(filter(None, (person.name, person.phone, person.email))))
    yield _row(language, N_("Customer"), stated.customer)
    yield _row(language, N_("Site"), ", ".join(filter(None, (stated.site, stated.address))))


def timeline(stated: Statement, language: str) -> str:
    """Every line of it, in UTC."""
    rows = [
        f"{entry.at:%Y-%m-%d %H:%M:%S}Z  {locale.word(entry.action, language)}: "
        f"{line(locale.reword(entry.text, language))}  ({line(entry.actor)})"
        for entry in own(stated.log)
    ]
    return "\n".join(rows) + "\n"
