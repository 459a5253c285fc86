from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.cases import mirror as mirrors
from agent.cases import moves
from agent.cases.case import Action, Case, CaseKind, CaseState, Entry, Severity
from agent.cases.mirror import Mirror, MirrorState, Note, Remote
from agent.inventory.bridges import LEVELS, STATES, BridgeKind, BridgeSetup, Wins
from agent.observation import Subject

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
DESK = BridgeSetup(
    name="desk",
    kind=BridgeKind.ZAMMAD,
    url="https://desk.example.net",
    customers=("bank",),
    severities=("P1", "P2"),
    states=STATES[BridgeKind.ZAMMAD],
    levels=LEVELS[BridgeKind.ZAMMAD],
    fields={"group": "{site} {nothing} {device}"},
)
CASE = Case(
    problem="p",
    kind=CaseKind.REPORTED,
    subject=Subject("core-1"),
    severity=Severity.P2,
    state=CaseState.IN_PROGRESS,
    opened=NOON,
    updated=NOON,
    root="",
    customer="bank",
    site="{device}",
    number=7,
    title="slow\nnetwork",
)
KNOWN = Mirror(
    case=7,
    bridge="desk",
    state=MirrorState.IN_STEP,
    at=NOON,
    checked=NOON,
    theirs="42",
    ours="in_progress",
    level="P2",
    their_state="open",
    their_level="3 high",
    sent="x",
)
REMOTE = Remote(id="42", name="22042", link="", state="open", level="3 high")


def told(text: str, actor: str = "li-na", action: Action = Action.NOTE, **data: str) -> Entry:
    return Entry(case=7, at=NOON, action=action, text=text, actor=actor, data=data)


# ---------------------------------------------------------------- which cases


@pytest.mark.parametrize(
    ("case", "goes"),
    [
        (CASE, True),
        (replace(CASE, customer="factory"), False),
        (replace(CASE, severity=Severity.P3), False),
        (replace(CASE, state=CaseState.CLOSED), False),
        (replace(CASE, merged_into=3), False),
    ],
)
def test_cases_of_the_customers_and_severities_go_there(case: Case, goes: bool) -> None:
    assert mirrors.applies(case, DESK) is goes
    assert mirrors.applies(case, replace(DESK, customers=(), severities=())) is (
        goes or (case.state is not CaseState.CLOSED and not case.merged_into)
    )


# ---------------------------------------------------------------- what they are told


def test_a_ticket_is_the_case_in_their_words() -> None:
    opened = told("it is slow", action=Action.OPENED)
    ticket = mirrors.ticket(CASE, [opened], DESK)
    assert (ticket.key, ticket.state, ticket.level) == ("netcase-NC-000007", "open", "3 high")
    assert ticket.title == "NC-000007 P2 slow network"
    assert ticket.text.startswith("Case: NC-000007\nSeverity: P2\nCustomer: bank\n")
    assert ticket.text.endswith("\n\nit is slow")


def test_what_stands_in_a_place_of_a_field_is_not_looked_into() -> None:
    assert mirrors.ticket(CASE, [], DESK).fields == {"group": "{device} {nothing} core-1"}


def test_notes_of_ours_go_there_and_what_came_from_there_does_not() -> None:
    log = [
        told("looked at it"),
        told("desk says closed", "(desk)", Action.STATE, to="resolved"),
        mirrors.entry(CASE, DESK, "their note", NOON, by="Ann", note="5"),
        told("fixed", action=Action.STATE, to="resolved"),
        told("mail told", "netcase", Action.NOTIFIED),
    ]
    assert [note.text for note in mirrors.notes(log, DESK)] == ["looked at it", "resolved: fixed"]
    assert mirrors.notes(log, replace(DESK, notes=False)) == ()


def test_a_note_that_stands_there_is_known_by_its_mark_and_no_other_case_s_is() -> None:
    (note,) = mirrors.notes([told("looked at it")], DESK)
    there = Note(id="9", at="", author="netcase", text=mirrors.marked(note, "netcase-NC-000007"))
    assert mirrors.marks([there], "netcase-NC-000007") == {note.id}
    assert mirrors.marks([there], "netcase-NC-000008") == set()


# ---------------------------------------------------------------- what came back


def heard(case: Case = CASE, remote: Remote = REMOTE, setup: BridgeSetup = DESK, **known: str) -> mirrors.Heard:
    return mirrors.hear(case, [], replace(KNOWN, **known), remote, setup)  # type: ignore[arg-type]


def test_what_did_not_change_there_says_nothing() -> None:
    assert heard() == mirrors.Heard()
    assert heard(replace(CASE, state=CaseState.WITH_VENDOR)) == mirrors.Heard()


def test_what_changed_there_alone_is_followed() -> None:
    assert heard(remote=replace(REMOTE, state="closed")).to is CaseState.RESOLVED
    assert heard(remote=replace(REMOTE, level="1 low")).level is Severity.P4


def test_what_they_closed_is_resolved_first_and_only_then_closed() -> None:
    snow = replace(DESK, states=STATES[BridgeKind.SERVICENOW], levels=LEVELS[BridgeKind.SERVICENOW])
    seven = replace(REMOTE, state="7", level="1/2")
    assert heard(remote=seven, setup=snow, their_state="2", their_level="1/2").to is CaseState.RESOLVED
    resolved = replace(CASE, state=CaseState.RESOLVED)
    known = {"ours": "resolved", "their_state": "6", "their_level": "1/2"}
    assert heard(resolved, seven, snow, **known).to is CaseState.CLOSED


@pytest.mark.parametrize(("wins", "follows"), [(Wins.OURS, False), (Wins.THEIRS, True)])
def test_where_both_changed_the_policy_says_whose_state_stands(wins: Wins, follows: bool) -> None:
    both = heard(replace(CASE, state=CaseState.NEW), replace(REMOTE, state="closed"), replace(DESK, wins=wins))
    assert (both.to is CaseState.RESOLVED) is follows
    assert both.conflicts == (() if follows else ("they say closed, and we new meanwhile: ours stands",))


def test_a_word_that_means_nothing_here_is_told_and_not_followed() -> None:
    unknown = heard(remote=replace(REMOTE, state="pending reminder"))
    assert (unknown.to, unknown.conflicts) == (None, ("their state pending reminder has no meaning here",))


def test_a_severity_that_two_of_ours_are_called_is_the_nearest_one() -> None:
    low = replace(CASE, severity=Severity.P4)
    assert heard(low, level="P4", their_level="1 low").level is Severity.P2


def test_a_note_comes_back_once_and_ours_never() -> None:
    ours = Note(id="1", at="", author="x", text="[netcase-NC-000007 0123456789ab] hello")
    theirs = Note(id="2", at="", author="Ann", text="we wait for the carrier")
    remote = replace(REMOTE, notes=(ours, theirs))
    assert heard(remote=remote).notes == (theirs,)
    log = [mirrors.entry(CASE, DESK, theirs.text, NOON, by="Ann", note="2")]
    assert mirrors.hear(CASE, log, KNOWN, remote, DESK).notes == ()


def test_only_what_changed_here_is_written_there() -> None:
    """Their agents' own states are not overruled by every visit of ours."""
    pending = replace(REMOTE, state="pending reminder")
    ticket = mirrors.ticket(CASE, [], DESK)
    assert mirrors.as_told(ticket, CASE, KNOWN, pending, DESK).state == "pending reminder"
    waits = replace(CASE, state=CaseState.WITH_VENDOR)
    assert mirrors.as_told(mirrors.ticket(waits, [], DESK), waits, KNOWN, pending, DESK).state == "open"


def test_what_they_closed_is_not_opened_again_to_be_resolved() -> None:
    setup = replace(DESK, states=STATES[BridgeKind.SERVICENOW])
    case = replace(CASE, state=CaseState.RESOLVED)
    told = mirrors.as_told(mirrors.ticket(case, [], setup), case, KNOWN, replace(REMOTE, state="7"), setup)
    assert told.state == "7"


@given(st.text(), st.text())
def test_whatever_they_send_is_bounded_and_on_one_line(state: str, text: str) -> None:
    said = mirrors.bounded(state)
    assert len(said) <= 100
    assert said.isprintable()
    assert len(mirrors.bounded(mirrors.plain(text), mirrors.LONGEST_NOTE)) <= mirrors.LONGEST_NOTE


def test_html_of_theirs_comes_back_as_words() -> None:
    said = mirrors.plain("<p>We &amp; <b>they</b><script>alert('x')</script> wait</p>")
    assert mirrors.bounded(said) == "We & they wait"


# ---------------------------------------------------------------- when


def test_a_case_is_visited_when_it_changed_and_when_it_is_time_to_listen() -> None:
    later = NOON + timedelta(minutes=5)
    assert mirrors.next_visit(None, CASE, "x", DESK, NOON) == (True, None)
    assert mirrors.next_visit(KNOWN, CASE, "x", DESK, NOON) == (False, later)
    assert mirrors.next_visit(KNOWN, CASE, "x", DESK, later)[0]
    assert mirrors.next_visit(KNOWN, CASE, "y", DESK, NOON)[0]
    assert not mirrors.next_visit(replace(KNOWN, queued=True), CASE, "y", DESK, NOON)[0]


def test_what_failed_is_not_tried_again_until_the_case_changes() -> None:
    failed = replace(KNOWN, state=MirrorState.FAILED, tried="y")
    assert mirrors.next_visit(failed, CASE, "y", DESK, NOON) == (False, None)
    assert mirrors.next_visit(failed, CASE, "z", DESK, NOON)[0]


def test_a_closed_case_that_is_in_step_is_left_alone() -> None:
    closed = replace(CASE, state=CaseState.CLOSED)
    assert mirrors.next_visit(KNOWN, closed, "x", DESK, NOON + timedelta(days=9)) == (False, None)


@pytest.mark.parametrize("kind", list(BridgeKind))
def test_every_state_and_severity_has_a_word_in_every_product(kind: BridgeKind) -> None:
    assert set(STATES[kind]) == set(map(str, CaseState))
    assert set(LEVELS[kind]) == set(map(str, Severity))


# ---------------------------------------------------------------- both sides, whatever happens


def visited(case: Case, mirror: Mirror, theirs: Remote, setup: BridgeSetup) -> tuple[Case, Mirror, Remote]:
    """A visit, as `agent.pipeline.mirroring` makes it, without a store."""
    heard = mirrors.hear(case, [], mirror, theirs, setup)
    mirror = replace(mirror, their_state=theirs.state, their_level=theirs.level)
    if heard.level is not None:
        case = replace(case, severity=heard.level)
    if heard.to is not None:
        if moves.refusal(case, heard.to):
            mirror = replace(mirror, ours="")
        else:
            case = moves.move(case, heard.to, "(desk)", "they say so", NOON)[0]
    told = mirrors.as_told(mirrors.ticket(case, [], setup), case, mirror, theirs, setup)
    mirror = replace(
        mirror, ours=str(case.state), level=str(case.severity), their_state=told.state, their_level=told.level
    )
    return case, mirror, replace(theirs, state=told.state, level=told.level)


CHANGES = st.lists(
    st.one_of(
        st.tuples(st.just("ours"), st.sampled_from(list(CaseState))),
        st.tuples(st.just("raise"), st.sampled_from(list(Severity))),
        st.tuples(st.just("theirs"), st.integers(0, 9)),
        st.tuples(st.just("their level"), st.integers(0, 4)),
        st.tuples(st.just("visit"), st.just(0)),
    ),
    max_size=25,
)


@given(st.sampled_from(list(BridgeKind)), st.sampled_from(list(Wins)), CHANGES)
def test_after_any_changes_on_both_sides_two_visits_bring_them_to_rest(
    kind: BridgeKind, wins: Wins, changes: list[tuple[str, object]]
) -> None:
    setup = replace(DESK, states=STATES[kind], levels=LEVELS[kind], wins=wins)
    case = replace(CASE, state=CaseState.NEW)
    words = [*dict.fromkeys(setup.states.values()), "a word of theirs"]
    levels = [*dict.fromkeys(setup.levels.values()), "urgent"]
    mirror = replace(KNOWN, ours="", level="", their_state="", their_level="")
    theirs = replace(REMOTE, state=setup.states["new"], level=setup.levels["P2"])
    for what, value in changes:
        match what:
            case "ours" if not moves.refusal(case, value):
                case = moves.move(case, value, "li-na", "why", NOON)[0]
            case "raise":
                case = replace(case, severity=value)
            case "theirs":
                theirs = replace(theirs, state=words[value % len(words)])
            case "their level":
                theirs = replace(theirs, level=levels[value % len(levels)])
            case "visit":
                case, mirror, theirs = visited(case, mirror, theirs, setup)
    for _ in range(2):
        case, mirror, theirs = visited(case, mirror, theirs, setup)
    assert visited(case, mirror, theirs, setup) == (case, mirror, theirs)
    closed_there = case.state is CaseState.RESOLVED and theirs.state == setup.states["closed"]
    assert closed_there or theirs.state in {setup.states[case.state], "a word of theirs"}
    assert theirs.level in {setup.levels[case.severity], "urgent"}


def test_a_text_of_theirs_that_begins_a_script_without_end_half_a_million_times_takes_no_time() -> None:
    assert mirrors.plain("it works <script " * 500_000).split() == ["it", "works"]
    assert len(mirrors.plain("<" * 4_000_000)) <= 8 * mirrors.LONGEST_NOTE
