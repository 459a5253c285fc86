"""What was observed stands in the journal, in the order in which it was, for as long as it is kept."""

from datetime import UTC, datetime, timedelta

from agent.observation import Batch, Fact, Observation, Subject, Tier
from agent.storage.engine import SqlStore
from agent.storage.journal import Knowns, Note

AT = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def poll(device: str, minutes: int, tier: Tier = Tier.STATUS) -> Batch:
    told = (
        Observation(Subject(device), Fact.SNMP_REACHABLE, True),
        Observation(Subject(device), Fact.UPTIME, 5.0 + 60 * minutes),
    )
    return Batch(device, tier, AT + timedelta(minutes=minutes), told)


def observe(store: SqlStore, batch: Batch, kept: bool = True) -> None:
    with store.begin() as tx:
        previous = tx.latest(batch.device, batch.tier)
        if kept:
            tx.keep(batch)
        tx.journal(batch, previous, kept=kept)


def everything(store: SqlStore, start: datetime = AT, only: Tier | None = None, limit: int = 3) -> list[Batch | Note]:
    known: Knowns = {}
    found: list[Batch | Note] = []
    with store.read() as tx:
        serial, end = tx.journal_start(start), AT + timedelta(days=30)
        while serial:
            page = tx.journal_page(serial, start, end, known, limit, only)
            found += page.found
            serial = page.next
    return found


def test_polls_are_read_in_the_order_in_which_they_came_page_by_page(store: SqlStore) -> None:
    polls = [poll(device, minute, tier) for minute in range(5) for device in ("b", "a") for tier in Tier]
    for each in polls:
        observe(store, each)
    assert everything(store) == polls
    assert everything(store, only=Tier.HEALTH) == [each for each in polls if each.tier is Tier.HEALTH]
    with store.read() as tx:
        assert tx.journalled() == (AT, AT + timedelta(minutes=4))


def test_a_device_that_does_not_answer_is_in_the_journal_and_its_next_poll_builds_on_the_one_before(
    store: SqlStore,
) -> None:
    silent = Batch("a", Tier.STATUS, AT + timedelta(minutes=1), (), failures=("timeout",))
    observe(store, poll("a", 0))
    observe(store, silent, kept=False)
    observe(store, poll("a", 2))
    assert everything(store) == [poll("a", 0), silent, poll("a", 2)]


def test_a_note_stands_between_the_polls_that_it_came_between(store: SqlStore) -> None:
    with store.begin() as tx:
        tx.note("window", {"name": "before there is a journal"})
    observe(store, poll("a", 0))
    with store.begin() as tx:
        tx.note("window", {"name": "swap"})
    observe(store, poll("a", 1))
    assert everything(store) == [poll("a", 0), Note(AT, "window", {"name": "swap"}), poll("a", 1)]


def test_an_empty_journal_says_so(store: SqlStore) -> None:
    assert everything(store) == []
    with store.read() as tx:
        assert tx.journalled() is None


def test_the_journal_is_pruned_by_its_own_time(store: SqlStore) -> None:
    for minute in range(0, 240, 10):
        observe(store, poll("a", minute))
    now, days = AT + timedelta(hours=4), timedelta(days=14)
    with store.begin() as tx:
        assert tx.prune(now, days, keep_journal=timedelta(hours=2)) == 12
    with store.begin() as tx:
        assert tx.prune(now, days, keep_journal=timedelta(hours=2)) == 0
    later = everything(store)
    assert later[-1] == poll("a", 230)
    assert all(each == poll("a", (each.at - AT) // timedelta(minutes=1)) for each in later)
    with store.begin() as tx:
        assert tx.prune(now, days, keep_journal=timedelta(0)) == 12
