"""What is not believed is told when it begins and every ten minutes, counted always, and never without bound."""

from datetime import UTC, datetime

from collectors.snmp.traps import refusals
from collectors.snmp.traps.message import Reason
from collectors.snmp.traps.refusals import KINDS, PAUSE_S, Refusal, Refusals

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def test_the_first_is_told_at_once_and_the_rest_with_their_number():
    told = Refusals()
    assert told.add("192.0.2.1", Reason.WRONG_KEY, 0.0) == Refusal("192.0.2.1", Reason.WRONG_KEY, 1)
    assert all(told.add("192.0.2.1", Reason.WRONG_KEY, second) is None for second in range(1, 500))
    assert told.add("192.0.2.1", Reason.WRONG_KEY, PAUSE_S) == Refusal("192.0.2.1", Reason.WRONG_KEY, 500)
    assert told.add("192.0.2.1", Reason.UNKNOWN_USER, 1.0) == Refusal("192.0.2.1", Reason.UNKNOWN_USER, 1)
    assert told.counts() == {("192.0.2.1", Reason.WRONG_KEY): 501, ("192.0.2.1", Reason.UNKNOWN_USER): 1}


def test_forged_senders_beyond_the_bound_are_counted_together():
    told = Refusals()
    first = [told.add(f"sender {n}", Reason.NOT_SNMP, 0.0) for n in range(KINDS + 50)]
    assert [one.sender for one in first if one] == [*(f"sender {n}" for n in range(KINDS)), ""]
    assert told.counts()["", Reason.NOT_SNMP] == 50
    assert told.add("later", Reason.NOT_SNMP, 3 * PAUSE_S), "what was told long ago made room"


def test_an_event_says_who_how_many_and_why():
    event = refusals.event(Refusal("192.0.2.1", Reason.WRONG_KEY, 7), NOW, "sw1")
    assert (event.device, event.sender, event.name, event.data["count"]) == ("sw1", "192.0.2.1", "trap_refused", "7")
    assert event.text == "7 not believed from 192.0.2.1: the authentication password or protocol is wrong"
    assert refusals._WHY.keys() == set(Reason)
