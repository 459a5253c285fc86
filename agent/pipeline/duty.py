"""Looks after the rota: tells whoever comes on duty, and opens a case when a time lies ahead that nobody is on call."""

from collections import defaultdict
from datetime import datetime, timedelta

from agent.cases import gaps, oncall
from agent.cases.case import Case, CaseKind, CaseState
from agent.cases.oncall import Gap, Roster
from agent.cases.rota import Shift
from agent.inventory.inventory import Inventory
from agent.locale import N_
from agent.notifications import handover, policy, wire
from agent.notifications.news import News
from agent.pipeline.desk import Desk
from agent.ports import Job, JobKind, Transaction

LOOK_AGAIN = timedelta(minutes=1)
TOLD_WITHIN = timedelta(hours=12)  # after a hand-over; whoever was on duty for longer knows
_BACK, _AHEAD = timedelta(days=40), timedelta(days=70)
_DONE = frozenset({CaseState.RESOLVED, CaseState.CLOSED})
_HEADLINE = N_("Nobody can be called: {team}, level {level}, from {starts:moment} until {ends:moment} UTC")
_CLOSING = N_("Put somebody in: netcase oncall override {team} --level {level} --person … --from … --to … -m …")


class Watch:
    def __init__(self, inventory: Inventory) -> None:
        self._inventory = inventory
        self._looked: datetime | None = None  # a cache: when the rota was last looked at

    def look(self, tx: Transaction, now: datetime, site: str = "") -> None:
        """Once a minute. What was done stands in the store, so that it is done once."""
        if self._looked and timedelta(0) <= now - self._looked < LOOK_AGAIN:
            return
        self._looked = now
        roster = handover.roster(self._inventory, tx.duties(now - _BACK))
        _gaps(tx, self._inventory, roster, now)
        _hand_over(tx, self._inventory, roster, now, site)


# ---------------------------------------------------------------- gaps


def _gaps(tx: Transaction, inventory: Inventory, roster: Roster, now: datetime) -> None:
    found: dict[str, list[Gap]] = defaultdict(list)
    for gap in oncall.gaps_ahead(roster, now - _BACK, now):
        found[gaps.problem(gap.team, gap.level)].append(gap)
    live = {case.problem: case for case in tx.live_cases() if case.kind is CaseKind.ON_CALL_GAP}
    for problem in sorted({*found, *live}):
        case = live.get(problem) or tx.case_about(problem)
        log = tx.timeline(case.number) if case else ()
        told, present = gaps.told(log), found.get(problem, [])
        fresh = [gap for gap in present if not gaps.is_told(gap, told)]
        if case and told and not present:
            after, entry = gaps.over(case, told, now)
            tx.save_case(after)
            tx.log([entry])
        for gap in fresh:
            case = _tell_gap(tx, inventory, case, gap, now)


def _tell_gap(tx: Transaction, inventory: Inventory, case: Case | None, gap: Gap, now: datetime) -> Case:
    if case is None or not case.live:
        case = tx.open_case(gaps.case_for(gap, now))
        tx.log([gaps.first_entry(case, gap, now)])
    else:
        case, entry = gaps.another(case, gap, now)
        tx.save_case(case)
        tx.log([entry])
    desk = Desk(tx, inventory, now)
    values = {"team": gap.team, "level": gap.level, "starts": max(gap.starts, now), "ends": gap.ends}
    again = f"{gaps.moment(gap, now):%Y%m%dT%H%M%S}.{case.reopened}"
    news = News(occasion="on_call_gap", headline=_HEADLINE, values=values, closing=_CLOSING, again=again)
    desk.tell(case, news, desk.role(case, "project_lead"))
    return case


# ---------------------------------------------------------------- hand-over


def _hand_over(tx: Transaction, inventory: Inventory, roster: Roster, now: datetime, site: str) -> None:
    for team in inventory.teams:
        for level in roster.levels(team):
            found = oncall.stretches(roster, team, level, now - TOLD_WITHIN, now + _AHEAD)
            at = next(place for place, each in enumerate(found) if each.during(now))
            if at and found[at].person:  # the first one began before
                until = found[at].ends if at + 1 < len(found) else None
                _tell(tx, inventory, found[at], until, found[at - 1].person, now, site)


def _tell(
    tx: Transaction, inventory: Inventory, shift: Shift, until: datetime | None, before: str, now: datetime, site: str
) -> None:
    known = inventory.people.get(before)
    cases: list[Case] | None = None
    for each in policy.ways_to(shift.person, inventory):
        key = handover.key(shift, each)
        if tx.noticed(key):
            continue
        cases = _open_cases(tx, inventory, shift.team) if cases is None else cases
        zone, name = inventory.teams[shift.team].timezone, known.name if known else before
        message = handover.message(shift, until, name, cases, each, zone, site)
        tx.keep_notice(key, each.channel, each.to, now, held=False)
        payload = wire.pack(message, each, handover.OCCASION)
        tx.enqueue([Job(key=key, kind=JobKind.NOTIFY, due=now, payload=payload)])


def _open_cases(tx: Transaction, inventory: Inventory, team: str) -> list[Case]:
    mine = [c for c in tx.live_cases() if c.state not in _DONE and oncall.team_of(c, inventory) == team]
    return sorted(mine, key=lambda case: (case.severity, case.number))
