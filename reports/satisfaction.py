"""What customers answered in a week: averages per question, engineer and customer, call-backs, and who said nothing.

No answer is no answer: it counts in no average.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import fmean

from agent.cases.survey import QUESTIONS, Survey, Topic
from agent.faults.availability import Span
from agent.inventory.inventory import Inventory
from agent.locale import N_, Text
from agent.ports import Transaction
from reports import period as periods
from reports.document import NOTHING, Cell, Column, Document, Figure, Kind, Row, Section, Table, Tone, moment

TITLE = N_("Customer satisfaction")
GOOD, LOW = 4.0, 3.0  # mean scores from which, and under which, a figure has a colour
_SHOWN = 200  # rows a table
_SCORES = tuple(Column(str(topic), QUESTIONS[topic], Kind.NUMBER) for topic in Topic)


@dataclass(frozen=True, slots=True)
class Gathered:
    """Of the surveys that ended in the period, by an answer or without one; and the call-backs that were owed in it."""

    answered: Sequence[Survey]
    silent: Sequence[Survey]
    calls: Sequence[Survey]
    waiting: int  # surveys that may still be answered


def build(tx: Transaction, inventory: Inventory, day: date, now: datetime) -> Document:
    """The seven days that end with `day`."""
    timezone = inventory.policies.weekly_reports.timezone
    span = periods.week(day, timezone)
    phase = periods.phase(span, now)
    found = gather(tx.surveys(span.start, min(span.end, now)), span, now)
    told = phase != "future"
    first = day - timedelta(days=6)
    return Document(
        kind="satisfaction",
        title=TITLE,
        subtitle=Text("{start:day} to {end:day}", {"start": first.isoformat(), "end": day.isoformat()}),
        start=span.start.isoformat(),
        end=span.end.isoformat(),
        made=now.isoformat(),
        timezone=timezone,
        phase=phase,
        headline=_headline(found, now) if told else (),
        sections=_sections(found, inventory, now) if told else (),
        notes=(Text("Scores go from 1, very bad, to 5, very good. Who did not answer is in no average."),),
    )


def gather(surveys: Iterable[Survey], span: Span, now: datetime) -> Gathered:
    every, end = list(surveys), min(span.end, now)

    def within(at: datetime | None) -> bool:
        return at is not None and span.start <= at < end

    silent = [s for s in every if s.answered is None and within(s.until)]
    calls = [s for s in every if s.call_back and s.answered and s.answered < end]
    return Gathered(
        answered=[s for s in every if within(s.answered)],
        silent=silent,
        calls=[s for s in calls if s.owes_call or within(s.called_back) or within(s.answered)],
        waiting=sum(s.answered is None and s.until is not None and s.until >= end for s in every),
    )


def _headline(found: Gathered, now: datetime) -> tuple[Figure, ...]:
    ended = len(found.answered) + len(found.silent)
    mean = _mean(score for s in found.answered for score in s.scores.values())
    owed = [s for s in found.calls if s.owes_call]
    late = sum(s.call_back is not None and now >= s.call_back for s in owed)
    low = sum(s.call_back is not None for s in found.answered)
    return (
        Figure(
            key="answered",
            label=N_("Surveys answered"),
            value=len(found.answered),
            of=ended,
            note=Text("still open: {n}", {"n": found.waiting}) if found.waiting else NOTHING,
        ),
        Figure(
            key="mean",
            label=N_("Mean score"),
            value=mean,
            of=5 if mean is not None else None,
            tone=_tone(mean),
        ),
        Figure(key="low", label=N_("Dissatisfied customers"), value=low, tone=Tone.WARN if low else Tone.GOOD),
        Figure(
            key="owed",
            label=N_("Call-backs owed"),
            value=len(owed),
            note=Text("overdue: {n}", {"n": late}) if late else NOTHING,
            tone=Tone.BAD if late else Tone.WARN if owed else Tone.GOOD,
        ),
    )


def _mean(scores: Iterable[int]) -> float | None:
    known = list(scores)
    return round(fmean(known), 2) if known else None


def _tone(mean: float | None) -> Tone:
    if mean is None:
        return Tone.MUTED
    return Tone.GOOD if mean >= GOOD else Tone.BAD if mean < LOW else Tone.WARN


def _sections(found: Gathered, inventory: Inventory, now: datetime) -> tuple[Section, ...]:
    def customer(key: str) -> str:
        known = inventory.customers.get(key)
        return (known.title or known.name) if known else key or "–"

    def engineer(key: str) -> str:
        known = inventory.people.get(key)
        return known.name if known else key or "–"

    return (
        Section(key="questions", title=N_("By question"), tables=(_questions(found.answered),)),
        Section(
            key="engineers",
            title=N_("By engineer"),
            tables=(_grouped("engineers", N_("Engineer"), found.answered, lambda s: engineer(s.engineer)),),
        ),
        Section(
            key="customers",
            title=N_("By customer"),
            tables=(_grouped("customers", N_("Customer"), found.answered, lambda s: customer(s.customer)),),
        ),
        Section(key="calls", title=N_("Call-backs"), tables=(_calls(found.calls, customer, now),)),
        Section(key="words", title=N_("What customers wrote"), tables=(_words(found.answered, customer),)),
        Section(key="silent", title=N_("Who did not answer"), tables=(_silent(found.silent, customer),)),
    )


def _questions(answered: Sequence[Survey]) -> Table:
    rows = []
    for topic in Topic:
        scores = [s.scores[topic] for s in answered]
        spread, mean = Counter(scores), _mean(scores)
        rows.append(Row((Text(QUESTIONS[topic]), mean, *(spread[score] or None for score in range(1, 6))), _tone(mean)))
    counts = tuple(Column(f"score_{score}", str(score), Kind.NUMBER) for score in range(1, 6))
    columns = (Column("question", N_("Question"), Kind.PROSE), Column("mean", N_("Mean"), Kind.NUMBER), *counts)
    return Table(key="questions", columns=columns, rows=tuple(rows) if answered else (), empty=Text(_NOBODY))


_NOBODY = N_("Nobody answered in this week.")


def _grouped(key: str, title: str, answered: Sequence[Survey], name: Callable[[Survey], str]) -> Table:
    groups: dict[str, list[Survey]] = defaultdict(list)
    for each in answered:
        groups[name(each)].append(each)
    rows = []
    for who in sorted(groups):
        own = groups[who]
        whole = _mean(score for s in own for score in s.scores.values())
        means: tuple[Cell, ...] = tuple(_mean(s.scores[topic] for s in own) for topic in Topic)
        rows.append(Row((who, len(own), *means, whole), _tone(whole)))
    columns = (
        Column(key, title),
        Column("answers", N_("Answers"), Kind.NUMBER),
        *_SCORES,
        Column("mean", N_("Mean"), Kind.NUMBER),
    )
    shown = tuple(rows[:_SHOWN])
    return Table(key=key, columns=columns, rows=shown, empty=Text(_NOBODY), left_out=len(rows) - len(shown))


def _case(survey: Survey) -> str:
    return f"NC-{survey.case:06d}"


def _calls(calls: Sequence[Survey], customer: Callable[[str], str], now: datetime) -> Table:
    columns = (
        Column("case", N_("Case"), Kind.CASE),
        Column("customer", N_("Customer")),
        Column("lowest", N_("Lowest score"), Kind.NUMBER),
        Column("state", N_("State"), Kind.WORD),
        Column("due", N_("Due"), Kind.MOMENT),
        Column("done", N_("Called back"), Kind.MOMENT),
        Column("by", N_("By")),
        Column("said", N_("What came of it"), Kind.PROSE),
    )
    rows = []
    for s in sorted(calls, key=lambda s: (not s.owes_call, s.call_back, s.case)):
        late = s.owes_call and s.call_back is not None and now >= s.call_back
        state = "overdue" if late else "owed" if s.owes_call else "done"
        tone = Tone.BAD if late else Tone.WARN if s.owes_call else Tone.GOOD
        due, done = moment(s.call_back), moment(s.called_back)
        rows.append(Row((_case(s), customer(s.customer), s.lowest, state, due, done, s.called_by, s.said), tone))
    shown = tuple(rows[:_SHOWN])
    empty = Text("Nobody had to be called back.")
    return Table(key="calls", columns=columns, rows=shown, empty=empty, left_out=len(rows) - len(shown))


def _words(answered: Sequence[Survey], customer: Callable[[str], str]) -> Table:
    columns = (
        Column("case", N_("Case"), Kind.CASE),
        Column("customer", N_("Customer")),
        Column("who", N_("Who answered")),
        Column("mean", N_("Mean"), Kind.NUMBER),
        Column("words", N_("What they wrote"), Kind.PROSE),
    )
    written = [s for s in answered if s.comment]
    rows = tuple(
        Row(
            (_case(s), customer(s.customer), s.by, _mean(s.scores.values()), s.comment), _tone(_mean(s.scores.values()))
        )
        for s in written[:_SHOWN]
    )
    empty = Text("Nobody wrote anything.")
    return Table(key="words", columns=columns, rows=rows, empty=empty, left_out=max(0, len(written) - _SHOWN))


def _silent(silent: Sequence[Survey], customer: Callable[[str], str]) -> Table:
    columns = (
        Column("case", N_("Case"), Kind.CASE),
        Column("customer", N_("Customer")),
        Column("asked", N_("Asked"), Kind.MOMENT),
        Column("until", N_("Time ran out"), Kind.MOMENT),
    )
    rows = tuple(Row((_case(s), customer(s.customer), moment(s.asked), moment(s.until))) for s in silent[:_SHOWN])
    empty = Text("Everybody whose time to answer ended in this week answered.")
    return Table(key="silent", columns=columns, rows=rows, empty=empty, left_out=max(0, len(silent) - _SHOWN))
