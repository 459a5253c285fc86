"""What was put to whom, in the store."""

from datetime import UTC, datetime, timedelta

from agent.ports import Job, JobKind, Store

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def test_what_was_put_to_somebody_is_known_by_its_key(store: Store) -> None:
    with store.begin() as tx:
        assert not tx.noticed("a")
        tx.keep_notice("a", "email", "li@example.net", NOON, held=False)
        tx.keep_notice("a", "sms", "+86", NOON + MINUTE, held=True)
    with store.read() as tx:
        assert tx.noticed("a")
        assert tx.notices_sent("email", "li@example.net", NOON) == (NOON,)
        assert tx.notices_sent("sms", "+86", NOON) == ()


def test_what_was_sent_is_told_by_channel_and_address_since_a_time_without_what_was_held(store: Store) -> None:
    with store.begin() as tx:
        for n, held in enumerate((False, True, False)):
            tx.keep_notice(f"k{n}", "email", "李娜", NOON + n * MINUTE, held=held)
        tx.keep_notice("other", "email", "wang", NOON, held=False)
    with store.read() as tx:
        assert tx.notices_sent("email", "李娜", NOON) == (NOON, NOON + 2 * MINUTE)
        assert tx.notices_sent("email", "李娜", NOON + MINUTE) == (NOON + 2 * MINUTE,)


def test_what_is_held_is_due_when_its_time_has_come(store: Store) -> None:
    with store.begin() as tx:
        tx.enqueue([Job(key="held", kind=JobKind.NOTICE, due=NOON), Job(key="now", kind=JobKind.NOTIFY, due=NOON)])
    with store.read() as tx:
        assert not tx.notices_due(NOON - MINUTE)
        assert tx.notices_due(NOON)
    with store.begin() as tx:
        (held,) = tx.lease(JobKind.NOTICE, NOON, MINUTE, "me")
        tx.finish(held, NOON, "")
    with store.read() as tx:
        assert not tx.notices_due(NOON)
