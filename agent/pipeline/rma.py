"""What time and the devices do to RMAs: the new serial number is seen, health verified, the failed part asked for.

Each is done once: the RMA's state and the case's log tell what was done.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from agent.cases import rma
from agent.cases.case import Action, Case, CaseState, Entry
from agent.cases.playbook import Collect, Topic
from agent.cases.rma import Rma, RmaState, Sight
from agent.inventory.inventory import Inventory
from agent.inventory.windows import FOREVER
from agent.locale import N_
from agent.notifications.news import News
from agent.observation import Batch, Subject, Tier
from agent.pipeline import replacing, visits
from agent.pipeline.desk import Desk
from agent.pipeline.docket import Docket
from agent.ports import Transaction

SNAPSHOT = ("inventory", "environment", "alarms", "log", "version")
ASK_AGAIN = timedelta(minutes=1)  # a device that has not told the new serial number


def attend(desk: Desk, docket: Docket) -> datetime | None:
    """Every open RMA of the case; those of a case that was merged go on with the other one."""
    if docket.case.merged_into:
        _follow(desk, docket)
        return None
    again = [look(desk, docket, found) for found in desk.tx.rmas(case=docket.case.number, only_open=True)]
    return min((when for when in again if when is not None), default=None)


def _follow(desk: Desk, docket: Docket) -> None:
    case, goes_on = docket.case, desk.tx.case(docket.case.merged_into)
    waited = [e.data.get("from") for e in docket.log if e.action is Action.STATE][-1:] == [CaseState.RMA_PENDING]
    for found in desk.tx.rmas(case=case.number, only_open=True):
        after = replace(found, case=case.merged_into)
        desk.tx.save_rma(after, found.state)
        desk.tx.log(
            [rma.entry(after, f"{found.name} goes on here: {case.name} was merged", desk.now, "netcase", "moved")]
        )
        if goes_on and waited and after.state in rma.WAITING:
            goes_on = replacing.waits(desk, goes_on, after, "netcase")


def look(desk: Desk, docket: Docket, found: Rma) -> datetime | None:
    if found.state is RmaState.INSTALLED:
        return _looked_for(desk, docket, found)
    if found.state is RmaState.SEEN:
        return _verified(desk, docket, found)
    if found.state is RmaState.HEALTHY and found.return_due is not None:
        return _asked_for(desk, docket, found)
    return None


def noticed(tx: Transaction, batch: Batch) -> None:
    """A device told who it is and what is in it: whoever waits for a new part looks at once."""
    if batch.tier is Tier.IDENTITY:
        tx.attend_rmas_of(batch.device)


def awaited(tx: Transaction, inventory: Inventory) -> frozenset[str]:
    """The devices that should be asked now which parts they have: one was installed, and they have not told since."""
    found = (each for each in tx.rmas(only_open=True) if each.state is RmaState.INSTALLED)
    return frozenset(each.device for each in found if each.device in inventory.devices and not _heard(tx, each))


def _heard(tx: Transaction, found: Rma) -> bool:
    batch = tx.latest(found.device, Tier.IDENTITY)
    return batch is not None and found.installed is not None and batch.at >= found.installed


# ---------------------------------------------------------------- the new part


def _looked_for(desk: Desk, docket: Docket, found: Rma) -> datetime | None:
    batch = desk.tx.latest(found.device, Tier.IDENTITY) if found.device else None
    saw, serial = rma.sight(found, batch)
    if saw is Sight.NEW and batch is not None:
        return _seen(desk, docket, found, batch.at)
    if saw in (Sight.OTHER, Sight.OLD) and serial != found.serial_seen:
        _tell_of_another(desk, docket, found, saw, serial)
    return None  # the next poll tells


def _seen(desk: Desk, docket: Docket, found: Rma, at: datetime) -> datetime | None:
    after = rma.moved(found, RmaState.SEEN, desk.now, seen=at)
    desk.tx.save_rma(after, found.state)
    text = f"{found.name}: {found.device} tells the new serial number {found.serial_in}"
    desk.tx.log([rma.entry(after, text, desk.now, "netcase")])
    _ask_for_snapshot(desk, docket.case, after)
    return _verified(desk, docket, after)


def _tell_of_another(desk: Desk, docket: Docket, found: Rma, saw: Sight, serial: str) -> None:
    after = replace(found, serial_seen=serial)
    desk.tx.save_rma(after, found.state)
    told = f"{found.device} tells serial number {serial}"
    text = f"{found.name}: {told}, recorded is {found.serial_in}"
    if saw is Sight.OLD:
        text = f"{found.name}: {told}, the failed part's, and not {found.serial_in}"
    desk.tx.log([rma.entry(after, text, desk.now, "netcase", "other_serial")])
    news = News(
        occasion=replacing.OCCASION,
        again=f"{found.name}/other/{serial}"[:200],
        headline=N_("Another serial number than recorded, {rma} of case {name}"),
        values={"rma": found.name, "recorded": found.serial_in},
        facts=(
            (N_("Device"), found.device),
            (N_("Recorded serial number"), found.serial_in),
            (N_("The device tells"), serial),
        ),
        closing=N_("Check which part is in. If the record is wrong: netcase rma install {rma} --serial NUMBER"),
    )
    desk.tell(docket.case, news, desk.engineer(docket.case))


def _ask_for_snapshot(desk: Desk, case: Case, found: Rma) -> None:
    """What the device says of itself with the new part in, as evidence."""
    device = desk.inventory.devices.get(found.device)
    if device and device.ssh:
        topics: tuple[Topic, ...] = tuple((topic, {}) for topic in SNAPSHOT)
        visits.ask_device(desk.tx, case, Collect(found.device, "quick", topics), desk.now, found.name)


def _verified(desk: Desk, docket: Docket, found: Rma) -> datetime | None:
    quiet = desk.inventory.policies.rma.healthy_after
    faults = desk.tx.faults(device=found.device, start=found.seen)
    state = rma.health(found, (f for f in faults if f.confirmed), _answered(desk.tx, found))
    if not state.healthy(desk.now, quiet):
        if state.trouble:
            _say_once(desk, docket, found, f"{found.name}: not healthy yet, {state.trouble}")
        return state.since + quiet if state.since else desk.now + timedelta(minutes=1)
    after = rma.moved(found, RmaState.HEALTHY, desk.now)
    desk.tx.save_rma(after, found.state)
    text = f"{found.name} is healthy: {found.device} had no fault for {quiet}"
    desk.tx.log([rma.entry(after, text, desk.now, "netcase")])
    replacing.goes_on(desk, after)
    return look(desk, docket, after)


def _answered(tx: Transaction, found: Rma) -> datetime | None:
    """When the device last answered; None: it is down, or was never heard."""
    if tx.states(found.device).get(Subject(found.device)) == "down":
        return None
    return max(tx.seen(found.device).values(), default=None)


def _say_once(desk: Desk, docket: Docket, found: Rma, text: str) -> None:
    last = next((e for e in reversed(docket.log) if e.data.get("rma") == found.name), None)
    if last is None or last.text != text:
        desk.tx.log([rma.entry(found, text, desk.now, "netcase", "trouble")])


# ---------------------------------------------------------------- the failed part


def _asked_for(desk: Desk, docket: Docket, found: Rma) -> datetime | None:
    """Only the last of the reminders that are due is told: whoever was away is not told three times."""
    policy, due = desk.inventory.policies.rma, None
    for when in rma.reminders(
        found, policy.remind_before, policy.remind_every, replacing.zone(desk, found), replacing.works(desk, found)
    ):
        if when > desk.now or when >= FOREVER:
            if due is not None and not _reminded(docket.log, found, due):
                _remind(desk, docket.case, found, due)
            return when
        due = when
    return None


def _reminded(log: Iterable[Entry], found: Rma, due: datetime) -> bool:
    return any(e.data.get("rma") == found.name and e.data.get("reminder", "") >= due.isoformat() for e in log)


def _remind(desk: Desk, case: Case, found: Rma, due: datetime) -> None:
    assert found.return_due is not None  # noqa: S101 - the caller asks for nothing else
    late = desk.now >= found.return_due
    text = f"{found.name}: the failed part {found.serial_out} goes back by {found.return_due:%Y-%m-%d %H:%M} UTC"
    if late:
        text = f"{found.name}: the failed part {found.serial_out} is late, it was due by"
        text = f"{text} {found.return_due:%Y-%m-%d %H:%M} UTC"
    line = rma.entry(found, text, desk.now, "netcase", "reminder")
    desk.tx.log([replace(line, data={**line.data, "reminder": due.isoformat()})])
    news = News(
        occasion=replacing.OCCASION,
        again=f"{found.name}/return/{due:%Y%m%dT%H%M}",
        headline=N_("The failed part of {rma} is late, case {name}")
        if late
        else N_("The failed part of {rma} has to go back, case {name}"),
        values={"rma": found.name},
        facts=(
            (N_("Failed serial number"), found.serial_out),
            (N_("Due"), f"{found.return_due:%Y-%m-%d %H:%M} UTC"),
            (N_("Goes to"), found.vendor or "headquarters"),
        ),
        closing=N_("When it is on its way: netcase rma return {rma} --tracking NUMBER"),
    )
    people = {(each.channel, each.to): each for each in desk.engineer(case)}
    if late:
        people |= {(each.channel, each.to): each for each in desk.role(case, "project_lead")}
    desk.tell(case, news, people.values())
