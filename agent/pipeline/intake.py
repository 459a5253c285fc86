"""The one door through which people's cases come in: the hotline, a fax, the web, the API and the mailbox use it.

Whatever is wrong with the contract, the device or the serial number, the case is opened: what is known stands on it.
"""

from collections.abc import Iterable
from uuid import uuid4

from agent.cases import intake, playbook
from agent.cases.case import Action, Case, CaseState, Entry, Origin
from agent.cases.contract import Claim
from agent.cases.intake import PAGED, Form, Opened
from agent.faults.fault import FaultKind
from agent.inventory.customers import Language
from agent.notifications.policy import Occasion, Recipient
from agent.pipeline import announcing, contracts
from agent.pipeline.desk import Desk
from agent.pipeline.visits import ask_device

MOST_LINKED = 5
WRITTEN = frozenset({Origin.WEB, Origin.EMAIL, Origin.API, Origin.FAX})  # nobody of ours heard of it yet


def open_case(desk: Desk, form: Form) -> Case:
    """The case of that form, as it is stored; the same one whenever a form with the same key comes again.

    Raises CollisionError when another process opened it in this very moment: try again in a new transaction.
    """
    form = intake.bounded(form)
    if form.key and (known := desk.tx.case_about(intake.problem(form.key))):
        return known
    made = opened(desk, form)
    case = desk.tx.open_case(made.case)
    desk.tx.log(intake.first_entries(case, form, made, desk.now))
    desk.tx.record(intake.decisions(case, form, made, desk.now))
    _mention(desk, case)
    _tell(desk, case, form, made)
    contracts.tell_account(desk, case, made.finding)
    _ask_for_evidence(desk, case)
    return case


def opened(desk: Desk, form: Form) -> Opened:
    """What a form would come to, without opening anything."""
    form = form if form.key else intake.keyed(form, uuid4().hex)
    known = contracts.serials(desk.tx, desk.inventory, Claim(serial=form.serial, device=form.device))
    return intake.opened(intake.bounded(form), desk.inventory, known, desk.now)


def _mention(desk: Desk, case: Case) -> None:
    """What else is wrong with the device stands on both cases, so that nobody looks into the same thing twice."""
    if not case.subject.device:
        return
    others = [c for c in desk.tx.cases(device=case.subject.device, limit=50) if _goes_on(c) and c.number != case.number]
    for other in others[:MOST_LINKED]:
        desk.tx.log([_linked(desk, case, other), _linked(desk, other, case)])
    if len(others) > MOST_LINKED:
        text = f"and {len(others) - MOST_LINKED} more: netcase cases --device {case.subject.device}"
        desk.tx.log([Entry(case=case.number, at=desk.now, action=Action.LINKED, text=text)])
    faults = [fault for fault in desk.tx.open_faults(case.subject.device) if not fault.case]
    for fault in faults[:MOST_LINKED]:
        text = f"{fault.kind}: {fault.subject}: {fault.reason}"
        data = {"fault": fault.id}
        desk.tx.log([Entry(case=case.number, at=desk.now, action=Action.LINKED, text=text, data=data)])


def _goes_on(case: Case) -> bool:
    return case.live and case.state not in {CaseState.RESOLVED, CaseState.CLOSED}


def _linked(desk: Desk, case: Case, other: Case) -> Entry:
    text = f"{other.name} is open for the same device"
    return Entry(case=case.number, at=desk.now, action=Action.LINKED, text=text, data={"case": other.name})


def _tell(desk: Desk, case: Case, form: Form, made: Opened) -> None:
    """The person on call, the customer's contacts and whoever reported it, with the basic facts and the number."""
    also = reporter(desk, case, form)
    announcing.announce(desk, Occasion.OPENED, case, reasons=(made.severity_because,), also=also)
    if case.severity in PAGED and form.origin in WRITTEN:
        _note_page(desk, case, desk.on_call(case))


def _note_page(desk: Desk, case: Case, people: Iterable[Recipient]) -> None:
    names = ", ".join(dict.fromkeys(each.name for each in people))
    text = (
        f"{case.severity} by {case.origin}: {names} on call is paged at once"
        if names
        else (f"{case.severity} by {case.origin}, and nobody is on call: page somebody by telephone")
    )
    data = {"paged": names}
    desk.tx.log([Entry(case=case.number, at=desk.now, action=Action.NOTE, text=text, data=data)])


def reporter(desk: Desk, case: Case, form: Form) -> list[Recipient]:
    """Whoever reported it, where they gave an e-mail address and are no machine."""
    address = intake.mail_of(case)
    if not address or not form.answer:
        return []
    language = Language(form.language) if form.language in set(Language) else language_of(desk, case)
    return [Recipient(case.reporter or address, "email", address, language, customer=True)]


def language_of(desk: Desk, case: Case) -> Language:
    """The reporter's own where they are a contact, else that of the customer's first contact."""
    customer = desk.inventory.customers.get(case.customer)
    contacts = customer.contacts if customer else ()
    own = [c.language for c in contacts if c.email.lower() == case.reporter_address.lower()]
    return next(iter(own or [c.language for c in contacts]), Language.EN)


def _ask_for_evidence(desk: Desk, case: Case) -> None:
    device = desk.inventory.devices.get(case.subject.device)
    if device is None:
        return
    why_not = ""
    if device.ssh is None:
        why_not = f"no evidence: {device.name} cannot be read over SSH"
    elif any(fault.kind in _SILENT for fault in desk.tx.open_faults(device.name)):
        why_not = f"no evidence: {device.name} does not answer"
    if why_not:
        desk.tx.log([Entry(case=case.number, at=desk.now, action=Action.EVIDENCE, text=why_not)])
    else:
        ask_device(desk.tx, case, playbook.reported(device.name), desk.now)


_SILENT = frozenset({FaultKind.DEVICE_UNREACHABLE, FaultKind.HOST_KEY_CHANGED})  # it hears no password of ours
