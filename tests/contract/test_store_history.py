"""Batches, samples, events, windows and documents in the store."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from agent.inventory.windows import FOREVER, Window
from agent.observation import (
    Batch,
    ComponentKind,
    Event,
    Fact,
    Observation,
    Source,
    Subject,
    SyslogSeverity,
    Tier,
    Value,
)
from agent.ports import Sample, Store
from agent.storage import events, history

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
CPU, INTERFACE = ComponentKind.CPU, ComponentKind.INTERFACE


def batch(
    *seen: tuple[ComponentKind, str, Fact, Value], at: datetime = NOON, device: str = "a", tier: Tier = Tier.HEALTH
) -> Batch:
    return Batch(
        device=device,
        tier=tier,
        at=at,
        observations=tuple(Observation(Subject(device, kind, name), fact, value) for kind, name, fact, value in seen),
    )


def keep(store: Store, *batches: Batch) -> None:
    with store.begin() as tx:
        for each in batches:
            tx.keep(each)


def test_the_latest_batch_comes_back_as_it_was_kept(store: Store) -> None:
    gi, fan = Subject("a", INTERFACE, "Gi0/1"), Subject("a", ComponentKind.FAN, "风扇\0\ud800")
    full = Batch(
        device="a",
        tier=Tier.STATUS,
        at=NOON + timedelta(microseconds=3),
        observations=(
            Observation(Subject("a"), Fact.SNMP_REACHABLE, False, detail="no answer within 2 s"),
            Observation(gi, Fact.OPER_STATUS, "up"),
            Observation(gi, Fact.IN_OCTETS, 2**64 - 1),
            Observation(fan, Fact.STATE, "ok", detail="正常"),
            Observation(Subject("a", ComponentKind.TEMPERATURE, "t"), Fact.CELSIUS, 41.7, limit=90.0),
            Observation(gi, Fact.ALIAS, ""),
        ),
        complete=frozenset({INTERFACE, ComponentKind.FAN}),
        failures=("timeout",),
        took_s=0.25,
    )
    keep(store, full)
    with store.read() as tx:
        found = tx.latest("a", Tier.STATUS)
        assert found == full
        assert [type(each.value) for each in found.observations] == [bool, str, int, str, float, str]
        assert tx.latest("a", Tier.HEALTH) is None
        assert tx.latest("b", Tier.STATUS) is None


def test_the_latest_batch_of_a_tier_is_the_newest_even_when_an_older_one_comes_late(store: Store) -> None:
    newest = batch((CPU, "1", Fact.USAGE, 2), at=NOON + MINUTE)
    keep(store, batch((CPU, "1", Fact.USAGE, 1)), newest, batch((CPU, "1", Fact.USAGE, 9), at=NOON + MINUTE / 2))
    keep(store, batch(device="b"), batch(device="0"), batch(device="c", tier=Tier.STATUS))
    with store.read() as tx:
        assert tx.latest("a", Tier.HEALTH) == newest
        assert list(tx.latest_all(Tier.HEALTH)) == ["0", "a", "b"]
        assert tx.latest_all(Tier.HEALTH)["a"] == newest
        series = tx.series(Subject("a", CPU, "1"), Fact.USAGE, NOON, NOON + 2 * MINUTE)
    assert [sample.value for sample in series] == [1, 9, 2]


def test_a_batch_about_another_device_is_refused(store: Store) -> None:
    wrong = replace(batch((CPU, "1", Fact.USAGE, 2)), device="b")
    with pytest.raises(ValueError, match="about a in a batch of b"), store.begin() as tx:
        tx.keep(wrong)


def test_a_series_tells_each_sample_of_its_subject_in_the_period(store: Store) -> None:
    for minute in range(5):
        keep(
            store,
            batch(
                (CPU, "1", Fact.USAGE, 10 + minute),
                (CPU, "2", Fact.USAGE, 50.5),
                (INTERFACE, "1", Fact.IN_OCTETS, 2**40 + minute),
                (INTERFACE, "1", Fact.OPER_STATUS, "up"),
                at=NOON + minute * MINUTE,
            ),
        )
    keep(store, batch((CPU, "1", Fact.USAGE, 99), device="b"))
    with store.read() as tx:
        series = tx.series(Subject("a", CPU, "1"), Fact.USAGE, NOON + MINUTE, NOON + 3 * MINUTE)
        assert series == (Sample(NOON + MINUTE, 11.0), Sample(NOON + 2 * MINUTE, 12.0))
        octets = tx.series(Subject("a", INTERFACE, "1"), Fact.IN_OCTETS, NOON, NOON + MINUTE)
        assert octets == (Sample(NOON, 2.0**40),)
        assert tx.series(Subject("a", INTERFACE, "1"), Fact.OPER_STATUS, NOON, NOON + MINUTE) == ()
        assert tx.series(Subject("a", INTERFACE, "2"), Fact.IN_OCTETS, NOON, NOON + MINUTE) == ()
        assert tx.series(Subject("nobody"), Fact.RTT, NOON, NOON + MINUTE) == ()


def test_a_series_goes_on_when_components_come_and_go(store: Store) -> None:
    for minute, others in enumerate(([], ["2"], ["0", "2"], [])):
        seen = [(CPU, name, Fact.USAGE, minute) for name in [*others, "1"]]
        keep(store, batch(*seen, at=NOON + minute * MINUTE))
    with store.read() as tx:
        one = tx.series(Subject("a", CPU, "1"), Fact.USAGE, NOON, NOON + 9 * MINUTE)
        two = tx.series(Subject("a", CPU, "2"), Fact.USAGE, NOON, NOON + 9 * MINUTE)
    assert [sample.value for sample in one] == [0, 1, 2, 3]
    assert [sample.value for sample in two] == [1, 2]


def test_values_that_are_no_finite_numbers_are_no_samples(store: Store) -> None:
    values: list[Value] = [True, "12", float("nan"), float("inf"), 10**400, 7]
    keep(store, batch(*((CPU, str(n), Fact.USAGE, value) for n, value in enumerate(values))))
    with store.read() as tx:
        found = tx.extremes(CPU, Fact.USAGE, NOON, NOON + MINUTE)
    assert found == {Subject("a", CPU, "5"): (7.0, 7.0)}


def test_extremes_are_the_mean_and_maximum_of_each_subject(store: Store) -> None:
    for minute, value in enumerate((10, 20, 60, 99)):
        for device in ("a", "b"):
            seen = [(CPU, "1", Fact.USAGE, value), (ComponentKind.MEMORY, "1", Fact.USED, 5)]
            if minute == 1:
                seen.append((CPU, "2", Fact.USAGE, 33))
            keep(store, batch(*seen, device=device, at=NOON + minute * MINUTE))
    with store.read() as tx:
        found = tx.extremes(CPU, Fact.USAGE, NOON, NOON + 3 * MINUTE)
    assert list(found.items()) == [
        (Subject("a", CPU, "1"), (30.0, 60.0)),
        (Subject("a", CPU, "2"), (33.0, 33.0)),
        (Subject("b", CPU, "1"), (30.0, 60.0)),
        (Subject("b", CPU, "2"), (33.0, 33.0)),
    ]


def test_a_large_poll_keeps_every_number(store: Store) -> None:
    names = [f"GigabitEthernet1/0/{n}" for n in range(60)]
    facts = (Fact.IN_OCTETS, Fact.OUT_OCTETS, Fact.IN_ERRORS, Fact.OUT_ERRORS, Fact.IN_DISCARDS, Fact.OUT_DISCARDS)
    seen = [(INTERFACE, name, fact, n * 1000 + f) for n, name in enumerate(names) for f, fact in enumerate(facts)]
    keep(store, batch(*seen))
    with store.read() as tx:
        for number, fact in enumerate(facts):
            found = tx.extremes(INTERFACE, fact, NOON, NOON + MINUTE)
            assert found == {Subject("a", INTERFACE, name): (n * 1000.0 + number,) * 2 for n, name in enumerate(names)}


def test_keeping_a_batch_twice_changes_nothing(store: Store) -> None:
    once = batch((CPU, "1", Fact.USAGE, 2))
    keep(store, once, once)
    keep(store, once)
    with store.read() as tx:
        assert len(tx.series(Subject("a", CPU, "1"), Fact.USAGE, NOON, NOON + MINUTE)) == 1


def test_pruning_takes_old_samples_and_events_and_leaves_the_rest(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "PRUNE_AT_ONCE", 3)
    for minute in range(10):
        at = NOON + minute * MINUTE
        keep(store, batch((CPU, "old" if minute < 5 else "new", Fact.USAGE, 1), at=at))
        with store.begin() as tx:
            tx.keep_events([event(arrived=at)])
            tx.change(Subject("a"), "up" if minute % 2 else "down", at)
    gone: list[int] = []
    while not gone or gone[-1]:
        with store.begin() as tx:
            gone.append(tx.prune(NOON + 12 * MINUTE, 5 * MINUTE))
    assert gone == [6, 6, 2, 0]
    with store.read() as tx:
        assert tx.series(Subject("a", CPU, "old"), Fact.USAGE, NOON, NOON + MINUTE) == ()
        assert len(tx.series(Subject("a", CPU, "new"), Fact.USAGE, NOON, NOON + 10 * MINUTE)) == 3
        assert len(tx.events()) == 3
        assert len(tx.intervals(NOON, NOON + 10 * MINUTE)) == 10
        assert tx.latest("a", Tier.HEALTH) is not None


# ---------------------------------------------------------------- events


def event(**changes: object) -> Event:
    made = Event(
        device="a",
        sender="127.0.0.1",
        source=Source.SYSLOG,
        arrived=NOON,
        severity=SyslogSeverity.ERROR,
        text="%LINK-3-UPDOWN: Interface Gi0/1, changed state to down",
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def test_an_event_comes_back_as_it_was_kept(store: Store) -> None:
    full = event(
        facility="local7",
        mnemonic="LINK-3-UPDOWN",
        name="link_down",
        subject=Subject("a", INTERFACE, "Gi0/1"),
        stamped=NOON - MINUTE,
        data={"interface": "Gi0/1", "说明": "下"},
    )
    with store.begin() as tx:
        tx.keep_events([full, event(device="", sender="::1", severity=SyslogSeverity.DEBUG)])
        tx.keep_events([])
    with store.read() as tx:
        assert tx.events()[1] == full
        assert tx.events()[0].severity is SyslogSeverity.DEBUG


def test_events_are_told_newest_first_by_period_device_source_and_severity(store: Store) -> None:
    with store.begin() as tx:
        tx.keep_events(
            [
                event(text="0", severity=SyslogSeverity.WARNING),
                event(text="1", arrived=NOON + MINUTE, source=Source.TRAP),
                event(text="2", arrived=NOON + MINUTE, device="b", severity=SyslogSeverity.EMERGENCY, name="link_down"),
                event(text="3", arrived=NOON + 2 * MINUTE),
            ]
        )

    def told(**filters: object) -> str:
        with store.read() as tx:
            return "".join(each.text for each in tx.events(**filters))  # type: ignore[arg-type]

    assert told() == "3210"
    assert told(limit=2) == "32"
    assert told(start=NOON + MINUTE, end=NOON + 2 * MINUTE) == "21"
    assert told(device="b") == "2"
    assert told(source=Source.TRAP) == "1"
    assert told(severity=SyslogSeverity.ERROR) == "321"
    assert told(severity=SyslogSeverity.EMERGENCY) == "2"
    assert told(names=("link_down", "bgp_down")) == "2"
    assert told(names=()) == ""


def test_what_a_hostile_sender_says_is_cut_and_cleaned(store: Store) -> None:
    hostile = event(
        text="\0\ud800" + "x" * 100_000,
        mnemonic="m" * 9_000,
        subject=Subject("a", INTERFACE, "i" * 9_000),
        data={f"k{n}" + "k" * 9_000: "v\0\ud800" * 9_000 for n in range(500)},
    )
    with store.begin() as tx:
        tx.keep_events([hostile])
    with store.read() as tx:
        (found,) = tx.events()
    assert len(found.text) == events.TEXT
    assert found.text.startswith("��x")
    assert len(found.mnemonic) == events.WORD
    assert found.subject is not None and len(str(found.subject)) == 2 * events.WORD
    assert len(found.data) == events.DATA
    assert all(len(key) <= events.WORD and len(value) <= events.WORD for key, value in found.data.items())


def test_syslog_messages_are_counted_by_device_or_sender_and_severity(store: Store) -> None:
    with store.begin() as tx:
        tx.keep_events(
            [
                event(),
                event(),
                event(severity=SyslogSeverity.CRITICAL),
                event(device="", sender="192.0.2.9"),
                event(source=Source.TRAP),
                event(arrived=NOON + MINUTE),
            ]
        )
    with store.read() as tx:
        counts = tx.event_counts(NOON, NOON + MINUTE)
    assert list(counts.items()) == [(("192.0.2.9", "error"), 1), (("a", "critical"), 1), (("a", "error"), 2)]


# ---------------------------------------------------------------- windows and documents


def test_a_window_is_saved_and_then_ended_by_its_name(store: Store) -> None:
    late = Window(name="a", starts=NOON, ends=NOON + MINUTE, reason="升级", devices=frozenset({"b", "a"}))
    early = Window(name="z", starts=NOON - MINUTE, ends=NOON, tags=frozenset({"x"}), sites=frozenset({"s"}))
    with store.begin() as tx:
        tx.save_window(late)
        tx.save_window(early)
        assert tx.windows() == (early, late)
        tx.save_window(replace(late, ends=NOON))
    with store.read() as tx:
        assert tx.windows() == (early, replace(late, ends=NOON))


def test_a_window_that_comes_again_is_kept_with_what_was_changed_of_it(store: Store) -> None:
    window = Window(
        name="巡检", starts=NOON, ends=FOREVER, every="second sat 02:00", lasts=timedelta(minutes=90),
        timezone="Asia/Shanghai", components=frozenset({"r1/interface:Gi1/0/*"}),
        changes=((NOON + MINUTE, NOON + 2 * MINUTE),), amends=True,
    )  # fmt: skip
    with store.begin() as tx:
        tx.save_window(window)
    with store.read() as tx:
        assert tx.windows() == (window,)


def test_a_document_is_kept_by_kind_and_key_and_written_over(store: Store) -> None:
    body = {"figures": [1, 2.5, None, True], "title": "日报", "nested": {"a": {"b": "c"}}}
    with store.begin() as tx:
        tx.save_document("daily", "2026-03-01", NOON, {"old": 1})
        tx.save_document("daily", "2026-03-01", NOON + MINUTE, body)
        tx.save_document("daily", "2026-03-02", NOON + 2 * MINUTE, {})
        tx.save_document("inspection", "2026-03-01", NOON, {"other": 1})
    with store.read() as tx:
        assert tx.document("daily", "2026-03-01") == body
        assert tx.document("daily", "2026-03-02") == {}
        assert tx.document("daily", "never") is None
        assert tx.documents("daily") == (("2026-03-02", NOON + 2 * MINUTE), ("2026-03-01", NOON + MINUTE))
        assert tx.documents("daily", limit=1) == (("2026-03-02", NOON + 2 * MINUTE),)
