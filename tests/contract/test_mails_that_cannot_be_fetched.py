"""A mail that cannot be had, or not be acted on, is kept, each as one of its own, and keeps no other waiting."""

from typing import Any

from agent.app.mailbox import TRIES, Mailroom, Round
from agent.cases.letter import Verdict
from agent.errors import MailboxError, RefusedError
from agent.inventory.mailbox import Mailbox
from agent.pipeline.correspondence import Correspondence
from agent.storage.evidence import FileEvidence
from collectors.mail.imap import Lying
from tests import story
from tests.mails import mail
from tests.story import START

BOX = Mailbox(host="h", username="tac@example.net", address="tac@example.net")


class Withholding:
    """A folder of which nothing can be fetched."""

    validity = 1

    def mail(self, uid: int, limit: int) -> bytes:
        raise MailboxError(f"the mail with UID {uid} is not handed out")


def folder_of_none() -> Any:
    return Withholding()


def test_two_mails_that_cannot_be_fetched_are_two(store, tmp_path):
    desk = Correspondence(store, story.inventory([story.device("core-1")], [], ["core-1"]), BOX, FileEvidence(tmp_path))
    room, brought, taking = Mailroom(BOX, desk, store, lambda _: "", lambda: START), Round(), folder_of_none()
    for uid in (1, 2):
        for _ in range(TRIES - 1):
            try:
                room._take(taking, Lying(uid, 100, None), brought)
            except MailboxError:
                continue
        room._take(taking, Lying(uid, 100, None), brought)
    with store.read() as tx:
        kept = tx.letters()
    assert (brought.doubles, [each.verdict for each in kept]) == (0, [Verdict.UNCLEAR] * 2)
    assert sorted("UID 1" in each.reason for each in kept) == [False, True]


class Holding(Withholding):
    """One that hands out the same mail of a contact always."""

    def mail(self, uid: int, limit: int) -> bytes:
        return mail()


class Refusing(Correspondence):
    def _form(self, *what: Any) -> Any:
        raise RefusedError("no")


def test_a_mail_that_a_rule_of_ours_refuses_is_kept_and_not_tried_for_ever(store, tmp_path):
    network = story.inventory([story.device("core-1")], [], ["core-1"])
    room = Mailroom(BOX, Refusing(store, network, BOX, FileEvidence(tmp_path)), store, lambda _: "", lambda: START)
    taking: Any = Holding()
    room._take(taking, Lying(1, 100, None), brought := Round())
    assert brought.taken == {Verdict.UNCLEAR: 1}
