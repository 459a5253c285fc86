"""Who is heard and is in nobody's inventory."""

from datetime import UTC, datetime, timedelta

from agent.app import strangers
from agent.app.strangers import Strangers
from agent.observation import Event, Source, SyslogSeverity
from agent.storage.engine import open_store

AT = datetime(2026, 11, 22, 1, 2, 3, tzinfo=UTC)


def heard(sender: str, text: str = "x", after: float = 0, device: str = "", **more) -> Event:
    source = more.pop("source", Source.SYSLOG)
    return Event(device, sender, source, AT + timedelta(seconds=after), SyslogSeverity.INFO, text, **more)


def test_a_stranger_is_listed_with_how_often_since_when_and_what_it_said_last():
    known = Strangers()
    known.hear(heard("192.0.2.9", "first"))
    known.hear(heard("192.0.2.8", "a trap", 1, source=Source.TRAP))
    known.hear(heard("192.0.2.9", "y" * 500, 2, data={"host": "sw9"}))
    known.hear(heard("192.0.2.1", "ours", 3, device="sw1"))
    nine, eight = known.listed()
    assert (nine.sender, nine.messages, nine.first, nine.last) == ("192.0.2.9", 2, AT, AT + timedelta(seconds=2))
    assert (nine.line, nine.host, eight.source) == ("y" * strangers.LINE, "sw9", "trap")


def test_what_a_storm_let_go_of_counts_and_is_not_the_last_word():
    known = Strangers()
    known.hear(heard("192.0.2.9", "its own"))
    known.hear(heard("192.0.2.9", "A storm", mnemonic="NETCASE-4-STORM", name="storm"))
    over = heard("192.0.2.9", "over", mnemonic="NETCASE-5-STORM_OVER", name="storm_over", data={"dropped": "49000"})
    known.hear(over)
    assert [(each.messages, each.line) for each in known.listed()] == [(49001, "its own")]


def test_only_so_many_are_remembered_and_the_longest_silent_goes(monkeypatch):
    monkeypatch.setattr(strangers, "MOST", 3)
    known = Strangers()
    for sender in ("a", "b", "c", "a", "d"):
        known.hear(heard(sender))
    assert [each.sender for each in known.listed()] == ["d", "a", "c"]


def test_the_list_outlives_the_agent_and_holds_no_secret(tmp_path):
    store = open_store(f"sqlite:///{tmp_path}/netcase.db")
    first = Strangers()
    first.hear(heard("192.0.2.9", "snmp-server community s3cr3t-one RO"))
    first.save(store, AT, first.listed())
    second = Strangers()
    second.hear(heard("192.0.2.7", "early", 1))
    second.recall(store)
    second.hear(heard("192.0.2.9", "again", 2))
    assert [(each.sender, each.messages) for each in second.listed()] == [("192.0.2.9", 2), ("192.0.2.7", 1)]
    with store.read() as tx:
        assert "s3cr3t" not in str(tx.document(strangers.KIND, strangers.KEY))
    store.close()
