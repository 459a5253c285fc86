"""From what a person says to a case: its fields, the first lines of its timeline, and what cannot be taken as it is.

`Form` is what every way in fills: the hotline's clerk, a fax that was scanned, the web page, the API, a mail.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from difflib import get_close_matches
from hashlib import sha256

from agent.cases import contract
from agent.cases.case import Action, Case, CaseKind, CaseState, Decision, Entry, Origin, Severity
from agent.cases.contract import Claim, Finding
from agent.inventory.inventory import Inventory
from agent.observation import Subject

LONGEST = {
    "title": 200,
    "text": 8000,
    "contract": 100,
    "serial": 100,
    "device": 100,
    "customer": 100,
    "reporter": 100,
    "reporter_address": 254,
}
PAGED = frozenset({Severity.P1, Severity.P2})


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """`key` makes opening idempotent: whoever comes again with the same gets the same case. It should say whose it is
    (`mail/<Message-ID>`, `api/<person>/<key>`); empty: every form is a case of its own.

    `severity` None: P3, or P4 for what is only asked for (`asks`). `actor` is who writes it down; empty: the reporter.
    `answer`: whether the reporter is told of the case (not where a machine wrote). `language`: theirs, where known.
    """

    origin: Origin
    title: str
    text: str = ""
    severity: Severity | None = None
    contract: str = ""
    serial: str = ""
    device: str = ""
    customer: str = ""
    reporter: str = ""
    reporter_address: str = ""  # an e-mail address or a telephone number
    key: str = ""
    asks: bool = False
    actor: str = ""
    answer: bool = True
    language: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """What is wrong with a field, and what to write instead."""

    field: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """All that a form comes to; the case has no number yet."""

    case: Case
    finding: Finding
    severity_because: str
    text: str


def problem(key: str) -> str:
    """The key of what it is about, for the store. What is very long is told by its hash."""
    short = key if len(key) <= 200 else f"sha256:{sha256(key.encode()).hexdigest()}"
    return f"reported|{short}"


def keyed(form: Form, key: str) -> Form:
    return replace(form, key=key)


def flat(text: str, longest: int) -> str:
    """Hostile text on one bounded line."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= longest else line[: longest - 1] + "…"


def plain(text: str, longest: int = LONGEST["text"]) -> str:
    """Hostile text on bounded lines."""
    clean = "".join(c if c.isprintable() or c == "\n" else " " for c in text.replace("\r\n", "\n").replace("\r", "\n"))
    clean = "\n".join(line.rstrip() for line in clean.split("\n")).strip()
    return clean if len(clean) <= longest else clean[: longest - 1] + "…"


def bounded(form: Form) -> Form:
    """The same with every text within its bounds; nothing is refused for its length."""
    longest = LONGEST
    return replace(
        form,
        title=flat(form.title, longest["title"]) or flat(form.text, longest["title"]) or "(no title)",
        text=plain(form.text),
        contract=flat(form.contract, longest["contract"]),
        serial=flat(form.serial, longest["serial"]),
        device=flat(form.device, longest["device"]),
        customer=flat(form.customer, longest["customer"]),
        reporter=flat(form.reporter, longest["reporter"]),
        reporter_address=flat(form.reporter_address, longest["reporter_address"]),
        actor=flat(form.actor, longest["reporter"]),
    )


def refusals(form: Form, inventory: Inventory) -> list[Refusal]:
    """What a person who can still be asked should write otherwise. A mail is taken as it is."""
    found = [*_lengths(form)]
    if not flat(form.title, 200):
        found.append(Refusal("title", "say in a few words what is wrong, such as: no telephone in the Shanghai branch"))
    if form.device.strip() and contract.find_device(form.device, inventory) is None:
        near = _near(form.device, inventory.devices)
        advice = "write its name or address as the inventory has it, or leave it empty and name it in the text"
        found.append(Refusal("device", f"no device is called {flat(form.device, 100)}{near}: {advice}"))
    if form.customer and form.customer not in inventory.customers:
        near = _near(form.customer, inventory.customers)
        found.append(Refusal("customer", f"no customer is called {flat(form.customer, 100)}{near}"))
    if "@" in form.reporter_address and not _is_mail(form.reporter_address):
        found.append(Refusal("reporter_address", "write an e-mail address as name@example.net, or a telephone number"))
    return found


def _lengths(form: Form) -> Iterable[Refusal]:
    for name, longest in LONGEST.items():
        if len(getattr(form, name)) > longest:
            yield Refusal(name, f"is longer than {longest} characters: shorten it, or attach it as a file")


def _near(text: str, names: Iterable[str]) -> str:
    close = get_close_matches(text.strip().lower(), {name.lower(): name for name in names}, n=1)
    by_lower = {name.lower(): name for name in names}
    return f" (did you mean {by_lower[close[0]]}?)" if close else ""


def _is_mail(text: str) -> bool:
    name, at, domain = text.strip().rpartition("@")
    return bool(name and at and domain) and text.isprintable() and not set(text) & set(' <>,;:"()[]\\')


def mail_of(case: Case) -> str:
    """The reporter's e-mail address; empty where they gave none."""
    return case.reporter_address if _is_mail(case.reporter_address) else ""


def severity(form: Form) -> tuple[Severity, str]:
    """As the person says; never changed in silence."""
    if form.severity is not None:
        return form.severity, f"{form.reporter or form.actor or 'the reporter'} says so"
    if form.asks:
        return Severity.P4, "something is asked for, and nothing else was said"
    return Severity.P3, "nothing else was said"


def opened(form: Form, inventory: Inventory, serials: contract.Serials, now: datetime) -> Opened:
    """`form` is `bounded`."""
    customer = form.customer or customer_of(form.reporter_address, inventory)
    claim = Claim(number=form.contract, serial=form.serial, device=form.device, customer=customer)
    found = contract.look_up(claim, inventory, serials, now)
    level, because = severity(form)
    case = Case(
        problem=problem(form.key),
        kind=CaseKind.REPORTED,
        subject=Subject(found.device),
        severity=level,
        state=CaseState.NEW,
        opened=now,
        updated=now,
        root="",
        customer=found.customer,
        site=found.site,
        contract=found.number,
        contract_status=found.status,
        origin=form.origin,
        title=form.title,
        reporter=form.reporter,
        reporter_address=form.reporter_address,
        serial=contract.serial(form.serial),
    )
    return Opened(case=case, finding=found, severity_because=because, text=form.text)


def customer_of(address: str, inventory: Inventory) -> str:
    """The customer whose contact has that e-mail address or telephone number."""
    wanted = address.strip().lower()
    for customer in inventory.customers.values():
        if wanted and any(wanted in (c.email.lower(), c.phone.lower()) for c in customer.contacts):
            return customer.name
    return ""


def first_entries(case: Case, form: Form, made: Opened, now: datetime) -> list[Entry]:
    """Only the first line is the person's: what the product concludes is its own."""
    who = form.reporter or form.reporter_address or "somebody"
    text = f"reported by {who} ({form.origin}): {case.title}"
    data = {
        "title": case.title,
        "text": made.text,
        "origin": str(form.origin),
        "reporter": form.reporter,
        "form": fingerprint(form),
    }
    actor = form.actor or form.reporter or form.reporter_address or str(form.origin)
    said = {"to": str(case.severity), "because": made.severity_because}
    return [
        Entry(case=case.number, at=now, action=Action.OPENED, text=text, actor=actor, data=data),
        Entry(
            case=case.number,
            at=now,
            action=Action.SEVERITY,
            text=f"{case.severity}: {made.severity_because}",
            data=said,
        ),
        contract_entry(case, made.finding, now),
    ]


def contract_entry(case: Case, found: Finding, now: datetime, actor: str = "netcase") -> Entry:
    data = {"contract": found.number, "status": str(found.status), "customer": found.customer}
    return Entry(case=case.number, at=now, action=Action.CONTRACT, text=found.because, actor=actor, data=data)


def decisions(case: Case, form: Form, made: Opened, now: datetime) -> list[Decision]:
    said = {"title": case.title, "device": form.device, "serial": form.serial, "contract": form.contract}
    return [
        Decision(
            about=case.name,
            at=now,
            what="severity",
            outcome=str(case.severity),
            reasons=(made.severity_because,),
            inputs={"severity": str(form.severity or "not said"), "origin": str(form.origin)},
        ),
        Decision(
            about=case.name,
            at=now,
            what="contract",
            outcome=str(made.finding.status),
            reasons=(made.finding.because,),
            inputs={name: value for name, value in said.items() if value},
        ),
    ]


def fingerprint(form: Form) -> str:
    """The same for forms that say the same."""
    plain = bounded(form)
    said = [str(plain.severity or ""), plain.title, plain.text, *(getattr(plain, name) for name in sorted(LONGEST))]
    return sha256("\0".join(said).encode()).hexdigest()[:32]


def taken(log: Iterable[Entry]) -> str:
    """The fingerprint of the form that opened a case; empty where a fault opened it."""
    return next((entry.data.get("form", "") for entry in log if entry.action is Action.OPENED), "")


def told(log: Iterable[Entry]) -> str:
    """What the person wrote, from the case's timeline; empty where a fault opened it."""
    return next((entry.data.get("text", "") for entry in log if entry.action is Action.OPENED), "")
