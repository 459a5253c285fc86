"""A spare part on its way, and in: shipped, delivered, installed, verified by hand; in the caller's transaction."""

from dataclasses import replace

from agent.cases import consent, rma, spares
from agent.cases.rma import Rma, RmaState
from agent.cases.spares import VENDOR, Source, Spare, SpareState
from agent.errors import CollisionError, RefusedError
from agent.locale import N_
from agent.notifications.news import News
from agent.observation import Subject
from agent.pipeline import customer
from agent.pipeline.desk import Desk
from agent.pipeline.replacing import OCCASION, case_of, facts, goes_on, log, save, works, zone


def ship(desk: Desk, found: Rma, actor: str, tracking: str = "", serial: str = "", reference: str = "") -> Rma:
    """It is on its way; a vendor's part has its serial number from now on, if they told it."""
    after = rma.moved(found, RmaState.SHIPPED, desk.now, tracking=tracking, reference=reference or found.reference)
    after = _numbered(desk, after, serial)
    by = f", {tracking}" if tracking else ""
    text = f"{found.name} shipped{by}: serial number {after.serial_in or 'not told yet'}"
    log(desk, save(desk, found, after), text, actor)
    if case := desk.tx.case(found.case):
        news = News(
            occasion=OCCASION,
            again=f"{found.name}/shipped/{desk.now:%Y%m%dT%H%M%S}",
            headline=N_("Replacement {rma} of case {name} is on its way"),
            values={"rma": found.name},
            facts=(*facts(after), *(((N_("Tracking"), tracking),) if tracking else ())),
        )
        desk.tell(case, news, customer.audience(desk, case))
    return after


def deliver(desk: Desk, found: Rma, actor: str, serial: str = "") -> Rma:
    after = _numbered(desk, rma.moved(found, RmaState.DELIVERED, desk.now), serial)
    lies = desk.tx.spare(after.serial_in) if after.serial_in else None
    if lies and found.site:  # and there it stays, whatever becomes of the RMA
        desk.tx.save_spares([replace(lies, location=found.site, changed=desk.now)])
    text = f"{found.name} delivered: serial number {after.serial_in or 'not told yet'}"
    return log(desk, save(desk, found, after), text, actor)


def install(desk: Desk, found: Rma, actor: str, serial: str = "") -> Rma:
    """The new part is in; the device shall say so itself. A running network is changed only with written consent."""
    if found.state is RmaState.INSTALLED:
        return _corrected(desk, found, actor, serial)
    _may_change(desk, found)
    after = _numbered(desk, rma.moved(found, RmaState.INSTALLED, desk.now), serial)
    if not after.serial_in:
        raise RefusedError(f"say which serial number was installed for {found.name}: --serial …")
    policy = desk.inventory.policies.rma
    due = rma.return_due(desk.now, policy.return_within, zone(desk, found), works(desk, found))
    after = save(desk, found, replace(after, return_due=due if found.serial_out else None))
    _in_place(desk, after)
    text = f"{found.name} installed: serial number {after.serial_in}, instead of {after.serial_out or 'not known'}"
    return log(desk, after, text, actor)


def _corrected(desk: Desk, found: Rma, actor: str, serial: str) -> Rma:
    """Another part is in than was recorded: the recorded one lies at the site."""
    new = spares.serial_number(serial) if serial else found.serial_in
    lies, promised = desk.tx.spare(new), desk.tx.spare(found.serial_in)
    if new in (found.serial_in, found.serial_out):
        raise RefusedError(f"{found.name} is installed already: with --serial say which other part is in")
    if lies and lies.state is not SpareState.IN_STOCK:
        raise RefusedError(f"{new} is {lies.state.replace('_', ' ')} at {lies.location}: it cannot be the new part")
    put_in = lies or Spare(serial=new, part=found.part, location=found.site, changed=desk.now)
    here = {"location": found.site, "changed": desk.now}
    parts = [replace(put_in, state=SpareState.IN_USE, rma=found.number, **here)]  # type: ignore[arg-type]
    if promised:
        parts.append(replace(promised, state=SpareState.IN_STOCK, rma=0, **here))  # type: ignore[arg-type]
    desk.tx.save_spares(parts)
    after = save(desk, found, replace(found, serial_in=new, serial_seen=""))
    text = f"{found.name}: the new part is {new}, not {found.serial_in}"
    desk.tx.log([rma.entry(after, text, desk.now, actor, "corrected")])
    return after


def _may_change(desk: Desk, found: Rma) -> None:
    """A device that is down for good has nothing running that could be changed."""
    case, log = case_of(desk, found), desk.tx.timeline(found.case)
    if not found.device or desk.tx.states(found.device).get(Subject(found.device)) == "down":
        return
    if consent.planned(log, desk.now) is None:
        raise RefusedError(
            f"{found.device} is running: ask the customer for written consent before {found.name} is installed "
            f"(netcase case consent ask {case.name})"
        )
    if why := consent.missing(case, log, desk.now):
        raise RefusedError(why)


def _numbered(desk: Desk, found: Rma, serial: str) -> Rma:
    """With the serial number that is told now: of a vendor's part, or of another one than was promised."""
    new = spares.serial_number(serial) if serial else ""
    if not new or new == found.serial_in:
        return found
    if new == found.serial_out:
        raise RefusedError(f"{new} is the failed part's serial number: read the new part's")
    lies = desk.tx.spare(new)
    if lies and lies.state is not SpareState.IN_STOCK:
        where = f"is {lies.state.replace('_', ' ')} at {lies.location}"
        raise RefusedError(f"{new} {where}: it cannot be the new part of {found.name} as well")
    desk.tx.release_spare(found.number, desk.now)
    if lies is None:
        sent = Spare(
            serial=new,
            part=found.part,
            location=f"{VENDOR}{found.vendor}" if found.source == Source.VENDOR else found.location or found.site,
            state=SpareState.RESERVED,
            rma=found.number,
            changed=desk.now,
        )
        desk.tx.announce_spare(sent)
    elif not desk.tx.take_spare(new, found, desk.now):
        raise CollisionError(f"{new} was taken by somebody else just now")
    return replace(found, serial_in=new)


def _in_place(desk: Desk, found: Rma) -> None:
    """The new part runs at the site, the failed one lies there."""
    new = desk.tx.spare(found.serial_in)
    parts = [replace(new, state=SpareState.IN_USE, location=found.site, changed=desk.now)] if new else []
    old = rma.failed_part(found, desk.tx.spare(found.serial_out) if found.serial_out else None, desk.now)
    desk.tx.save_spares([*parts, *([old] if old else [])])


def verify(desk: Desk, found: Rma, actor: str, reason: str) -> Rma:
    """A person says what the device does not: that the new part is in and healthy."""
    if not reason:
        raise RefusedError("say how it was checked, with -m")
    after = found
    if found.state is RmaState.INSTALLED:
        after = save(desk, found, rma.moved(found, RmaState.SEEN, desk.now))
    after = save(desk, after, rma.moved(after, RmaState.HEALTHY, desk.now))
    log(desk, after, f"{found.name} is healthy: {reason}", actor)
    goes_on(desk, after)
    return after
