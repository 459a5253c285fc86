"""What people do to an RMA, from the request to the end of it, in the caller's transaction. Every refusal says why."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

from agent.cases import moves, rma, spares
from agent.cases.case import Case, CaseState
from agent.cases.contract import Claim
from agent.cases.links import Purpose
from agent.cases.rma import Rma, RmaState
from agent.cases.spares import VENDOR, Source, SpareState
from agent.errors import CollisionError, RefusedError, UsageError
from agent.inventory import holidays
from agent.inventory.inventory import Inventory
from agent.locale import N_
from agent.notifications import wording
from agent.notifications.news import News
from agent.observation import Batch, ComponentKind, Fact, Tier
from agent.pipeline import contracts, customer
from agent.pipeline.desk import Desk

OCCASION = "rma"
LONGEST_FAULT = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What is asked for. What is left empty is taken from the case, the device and the inventory."""

    device: str = ""
    component: str = ""
    part: str = ""
    serial: str = ""
    fault: str = ""
    site: str = ""
    address: str = ""
    contact: str = ""


def known(desk: Desk, name: str) -> Rma:
    found = desk.tx.rma(rma.number_of(name)) if rma.number_of(name) else None
    if found is None:
        raise UsageError(f"there is no RMA {name[:40]}: `netcase rma list` lists them")
    return found


def case_of(desk: Desk, found: Rma) -> Case:
    case = desk.tx.case(found.case)
    assert case is not None  # noqa: S101 - the database holds the key
    return case


# ---------------------------------------------------------------- request and confirmation


def request(desk: Desk, case: Case, form: Form, actor: str) -> Rma:
    """Asks for a replacement: the case waits for it, and the customer is asked to confirm."""
    if case.merged_into or case.state is CaseState.CLOSED:
        raise RefusedError(f"{case.name} is over: request the part on the case that goes on")
    wanted = _filled(desk, case, form, actor)
    _is_free(desk, wanted.serial_out)
    try:
        found = desk.tx.open_rma(wanted)
    except CollisionError as error:
        raise RefusedError(f"an open RMA replaces {wanted.serial_out} already: netcase rma list") from error
    text = f"{found.name} requested: {found.part} of {found.device}, serial number {found.serial_out or 'not known'}"
    desk.tx.log([rma.entry(found, f"{text}: {found.fault}", desk.now, actor)])
    case = waits(desk, case, found, actor)
    _ask_customer(desk, case, found)
    return found


def _filled(desk: Desk, case: Case, form: Form, actor: str) -> Rma:
    network, name = desk.inventory, form.device or case.subject.device
    device = network.devices.get(name)
    if name and device is None:
        raise RefusedError(f"no device is called {name}: `netcase devices` lists them")
    batch = desk.tx.latest(name, Tier.IDENTITY) if name else None
    told = rma.serials(batch)
    component = form.component or ("" if case.subject.kind is ComponentKind.DEVICE else case.subject.name)
    asked = spares.serial_number(form.serial) if form.serial else ""
    slot = rma.slot_of(told, name, component, asked)
    serial = asked or told.get(slot, "") or (spares.serial_number(case.serial) if case.serial else "")
    part = form.part or _model(batch, slot)
    if not part:
        raise RefusedError("say which part is replaced, with --part and its part number")
    fault = wording.line(form.fault)[:LONGEST_FAULT]
    if not fault:
        raise RefusedError("say what is wrong with the part, with -m")
    site = form.site or case.site or (device.site if device else "")
    if form.site and form.site not in network.sites:
        raise RefusedError(f"no site is called {form.site}: write one of {', '.join(sorted(network.sites)[:12])}")
    held = contracts.look_up(desk, Claim(number=case.contract, serial=serial, device=name, customer=case.customer))
    return Rma(
        case=case.number,
        device=name,
        slot=slot,
        part=spares.part_number(part),
        serial_out=serial,
        fault=fault,
        site=site,
        address=wording.line(form.address) or (network.sites[site].address if site in network.sites else ""),
        contact=wording.line(form.contact) or _contact(network, case),
        contract=held.number,
        contract_status=str(held.status),
        warning=rma.warning(serial, told, str(held.status)),
        requested=desk.now,
        requested_by=actor,
    )


def _model(batch: Batch | None, slot: str) -> str:
    told = (o for o in (batch.observations if batch else ()) if o.fact is Fact.MODEL and str(o.subject) == slot)
    return next((str(o.value) for o in told), "")


def _contact(network: Inventory, case: Case) -> str:
    """The first of the customer's people, with how to reach them."""
    theirs = network.customers.get(case.customer)
    first = theirs.contacts[0] if theirs and theirs.contacts else None
    return ", ".join(filter(None, (first.name, first.phone, first.email))) if first else case.reporter


def _is_free(desk: Desk, serial: str) -> None:
    lies = desk.tx.spare(serial) if serial else None
    if lies and lies.state in (SpareState.IN_STOCK, SpareState.RESERVED, SpareState.RETURNED):
        where = f"is {lies.state.replace('_', ' ')} at {lies.location}"
        raise RefusedError(f"{serial} {where}: it cannot be the failed part; give the serial number that failed")


def waits(desk: Desk, case: Case, found: Rma, actor: str) -> Case:
    if case.state in (CaseState.RMA_PENDING, CaseState.RESOLVED, CaseState.CLOSED) or case.merged_into:
        return case
    moved, entry = moves.move(case, CaseState.RMA_PENDING, actor, f"{found.name} is on its way", desk.now)
    return desk.keep(moved, entry)


def _ask_customer(desk: Desk, case: Case, found: Rma) -> None:
    """Each gets a link of their own."""
    for each in customer.audience(desk, case):
        link = desk.link(case, Purpose.RMA, each, found.name)
        news = News(
            occasion=OCCASION,
            again=f"{found.name}/requested",
            headline=N_("Please confirm the replacement {rma} of case {name}"),
            values={"rma": found.name},
            facts=facts(found),
            closing=N_("A spare part is sent as soon as you confirm. Without a link, please answer this message."),
            links=((N_("Confirm here"), link),) if link else (),
        )
        desk.tell(case, news, [each])


def facts(found: Rma) -> tuple[tuple[str, str], ...]:
    said = (
        (N_("Device"), found.device),
        (N_("Part number"), found.part),
        (N_("Failed serial number"), found.serial_out),
        (N_("What is wrong"), found.fault),
        (N_("New serial number"), found.serial_in),
        (N_("Address"), found.address),
        (N_("Contact"), found.contact),
    )
    return tuple(pair for pair in said if pair[1])


def confirm(desk: Desk, found: Rma, by: str, actor: str, side: str = "") -> Rma:
    """The customer agrees; the nearest spare part is promised at once, else the vendor has to send one."""
    agreed = save(desk, found, rma.moved(found, RmaState.CONFIRMED, desk.now, confirmed_by=by))
    desk.tx.log([rma.entry(agreed, f"{agreed.name} confirmed by {by}", desk.now, actor, side=side)])
    return source(desk, agreed, actor, side=side)


def source(desk: Desk, found: Rma, actor: str, vendor: str = "", side: str = "") -> Rma:
    """From the site's stock, else from headquarters, else from the vendor; with `vendor` from there at once."""
    if vendor and vendor not in desk.inventory.vendors:
        raise RefusedError(f"no vendor is called {vendor}: write one of {_vendors(desk)}")
    spare = None if vendor else desk.tx.reserve_spare(found, desk.now)
    if spare is not None:
        promised = save(desk, found, rma.sourced(found, spare, desk.now))
        text = f"{found.name}: spare {spare.serial} of {spare.location} is reserved"
    else:
        name = vendor or _vendor(desk, found)
        promised = save(desk, found, rma.from_vendor(found, name, desk.now))
        text = f"{found.name}: no spare {found.part} in stock, {name or 'the vendor'} has to send one"
        if vendor:
            text = f"{found.name}: {name} has to send a {found.part}"
    desk.tx.log([rma.entry(promised, text, desk.now, actor, side=side)])
    _tell_engineer(desk, promised)
    return promised


def _vendor(desk: Desk, found: Rma) -> str:
    """Whoever has the case, else the only one that there is."""
    holding = desk.tx.handovers(found.case, only_open=True)
    if holding:
        return holding[-1].vendor
    return next(iter(desk.inventory.vendors)) if len(desk.inventory.vendors) == 1 else ""


def _vendors(desk: Desk) -> str:
    return ", ".join(sorted(desk.inventory.vendors)[:12]) or "none: write one under vendors: in the inventory first"


def again(desk: Desk, found: Rma, actor: str, reason: str, vendor: str = "") -> Rma:
    """The promised part is not there, lost or broken: another one is looked for."""
    if not reason:
        raise RefusedError("say why another part is needed, with -m")
    if found.state is RmaState.CONFIRMED:
        return source(desk, found, actor, vendor)
    old = desk.tx.spare(found.serial_in) if found.serial_in else None
    looking = save(desk, found, rma.looked_for_again(found, desk.now))
    desk.tx.release_spare(found.number, desk.now)
    kept = desk.tx.spare(found.serial_in) if old else None
    if kept:  # nobody shall be promised it again before somebody looked at it
        desk.tx.save_spares([replace(kept, state=SpareState.DEFECTIVE, note=wording.line(reason), changed=desk.now)])
    text = f"{found.name}: another part is looked for: {reason}"
    desk.tx.log([rma.entry(looking, text, desk.now, actor, "again")])
    return source(desk, looking, actor, vendor)


# ---------------------------------------------------------------- the end of it


def goes_on(desk: Desk, found: Rma) -> None:
    """The case waits no more, unless another part is on its way."""
    case = case_of(desk, found)
    if case.state is CaseState.RMA_PENDING and not rma.waits(desk.tx.rmas(case=case.number), case):
        reason = f"{found.name} is done: the replaced part is healthy"
        if found.state is RmaState.CANCELLED:
            reason = f"{found.name} was cancelled"
        moved, entry = moves.move(case, CaseState.IN_PROGRESS, "netcase", reason, desk.now)
        desk.keep(moved, entry)


def give_back(desk: Desk, found: Rma, actor: str, tracking: str = "", to: str = "") -> Rma:
    """The failed part went back: to the vendor, or to headquarters."""
    after = save(desk, found, rma.moved(found, RmaState.RETURNED, desk.now, return_tracking=tracking))
    where = to or (f"{VENDOR}{found.vendor}" if found.vendor else spares.HEADQUARTERS)
    old = desk.tx.spare(found.serial_out) if found.serial_out else None
    if old and old.state is not SpareState.DEFECTIVE:
        where = f"is {old.state.replace('_', ' ')} at {old.location}"
        raise RefusedError(f"{old.serial} {where} by now: close {found.name}, and say with -m why it need not go back")
    if old:
        desk.tx.save_spares([replace(old, state=SpareState.RETURNED, location=where, changed=desk.now)])
    by = f", {tracking}" if tracking else ""
    return log(desk, after, f"{found.name}: the failed part {found.serial_out} went back{by}", actor)


def close(desk: Desk, found: Rma, actor: str, reason: str = "") -> Rma:
    if found.state is RmaState.HEALTHY and found.serial_out and not reason:
        raise RefusedError(
            f"the failed part {found.serial_out} has not gone back: netcase rma return {found.name}, "
            "or say with -m why it need not"
        )
    after = save(desk, found, rma.moved(found, RmaState.CLOSED, desk.now))
    return log(desk, after, f"{found.name} closed{f': {reason}' if reason else ''}", actor)


def cancel(desk: Desk, found: Rma, actor: str, reason: str, side: str = "") -> Rma:
    """Nothing is replaced: what was reserved is in stock again."""
    if not reason:
        raise RefusedError(f"say why {found.name} is cancelled, with -m")
    after = save(desk, found, rma.moved(found, RmaState.CANCELLED, desk.now))
    desk.tx.release_spare(found.number, desk.now)
    log(desk, after, f"{found.name} cancelled: {reason}", actor, side)
    goes_on(desk, after)
    return after


# ---------------------------------------------------------------- shared with the attendant


def save(desk: Desk, before: Rma, after: Rma) -> Rma:
    desk.tx.save_rma(after, before.state)
    return after


def log(desk: Desk, found: Rma, text: str, actor: str, side: str = "") -> Rma:
    desk.tx.log([rma.entry(found, text, desk.now, actor, side=side)])
    return found


def _tell_engineer(desk: Desk, found: Rma) -> None:
    """Where the new part comes from, and what is to be done about it."""
    case, stock = case_of(desk, found), found.source != Source.VENDOR
    where = (N_("Comes from"), found.location) if stock else (N_("Vendor"), found.vendor)
    news = News(
        occasion=OCCASION,
        again=f"{found.name}/sourced/{desk.now:%Y%m%dT%H%M%S}",
        headline=N_("Replacement {rma} of case {name} is confirmed"),
        values={"rma": found.name},
        facts=tuple(pair for pair in (*facts(found), where) if pair[1]),
        closing=N_("The part is reserved: send it, then netcase rma ship {rma} --tracking NUMBER")
        if stock
        else N_("No spare part is in stock: ask the vendor for one, then netcase rma ship {rma} --serial NUMBER"),
    )
    desk.tell(case, news, desk.engineer(case))


def zone(desk: Desk, found: Rma) -> str:
    site = desk.inventory.sites.get(found.site)
    return site.timezone if site else desk.inventory.policies.daily_report.timezone


def works(desk: Desk, found: Rma) -> partial[bool]:
    """Which days are working days there: by the contract's calendar of holidays."""
    contract = desk.inventory.contracts.get(found.contract)
    return partial(_works, desk.inventory, contract.holidays if contract else "")


def _works(network: Inventory, calendar: str, day: date) -> bool:
    return holidays.days(network.calendars, calendar, day.year, day.year).is_workday(day)


def told(found: Rma) -> Mapping[str, str]:
    return dict(facts(found))
