from collectors.inbox import Inbox


def test_a_loud_source_waits_behind_a_quiet_one():
    inbox = Inbox()
    for n in range(100):
        inbox.put("loud", b"%d" % n)
    inbox.put("quiet", b"me")
    assert [inbox.take(), inbox.take(), inbox.take()] == [("loud", b"0"), ("quiet", b"me"), ("loud", b"1")]


def test_what_is_too_much_is_dropped_and_counted():
    inbox = Inbox(per_source=2, sources=2)
    for source in ("a", "a", "a", "b", "c"):
        inbox.put(source, b"x")
    assert (len(inbox), inbox.dropped) == (3, 2)


def test_an_emptied_source_makes_room_for_another():
    inbox = Inbox(sources=1)
    for source in ("a", "b"):
        inbox.put(source, b"x")
        assert inbox.take() == (source, b"x")
    assert inbox.take() is None and inbox.dropped == 0
