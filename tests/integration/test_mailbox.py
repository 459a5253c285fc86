"""The mailbox on a real IMAP server: nothing is lost and nothing opened twice, whoever breaks off in the middle."""

import asyncio
import contextlib
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from agent.app import compose, mailbox
from agent.app.mailbox import Mailroom
from agent.app.messenger import Messenger
from agent.cases import moves
from agent.cases.case import Action, CaseState
from agent.cases.letter import Verdict
from agent.channels.email import EmailChannel
from agent.demo.mail import Mailbox as PostOffice
from agent.errors import MailboxError, RefusedError
from agent.inventory.mailbox import Filing, Mailbox, Senders, Tls
from agent.inventory.policies import Policies, Smtp
from agent.metrics import Metrics
from agent.pipeline.correspondence import Correspondence
from agent.ports import JobKind
from agent.storage.engine import SqlStore, open_store
from agent.storage.evidence import FileEvidence
from tests import dovecot, mails, story
from tests.dovecot import PASSWORD, Dovecot
from tests.mails import CONTACT, STRANGER, mail, multipart
from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
SENDER = "tac@example.net"
pytestmark = [pytest.mark.system("dovecot", "openssl", "root"), pytest.mark.timeout(300)]


@pytest.fixture
def server() -> Iterator[Dovecot]:
    with dovecot.running() as running:
        yield running


class Office:
    """A store, the evidence, and the mailroom that fills them; several may be on one folder."""

    def __init__(self, folder: Path, box: Mailbox, smtp: Smtp | None = None) -> None:
        self.box = box
        self.inventory = story.inventory(
            [story.device("core-1")], [], ["core-1"], policies=Policies(smtp=smtp, mailbox=box)
        )
        self.store: SqlStore = open_store(f"sqlite:///{folder}/netcase.db", lasting=False)
        self.files = FileEvidence(folder / "evidence")
        self.metrics = Metrics(CollectorRegistry())

    def room(self, box: Mailbox | None = None) -> Mailroom:
        desk = Correspondence(self.store, self.inventory, box or self.box, self.files)
        return Mailroom(box or self.box, desk, self.store, lambda _: PASSWORD, compose.now, self.metrics)

    def outcomes(self) -> Counter[Verdict]:
        with self.store.read() as tx:
            return Counter(each.verdict for each in tx.letters(limit=10_000))

    def cases(self) -> list[str]:
        with self.store.read() as tx:
            return sorted(case.title for case in tx.cases(limit=10_000))


@pytest.fixture
def office(server: Dovecot, tmp_path: Path) -> Office:
    return Office(tmp_path, server.mailbox())


# ---------------------------------------------------------------- the way of a mail


@pytest.mark.parametrize("tls", list(Tls))
def test_a_mail_opens_a_case_with_all_that_it_says(server, tmp_path, tls):
    office = Office(tmp_path, server.mailbox(tls))
    server.deliver_by_agent(
        multipart(
            ("Content-Type: text/plain; charset=gb2312", "core-1 不通\n合同号：C-1，序列号：FOC1234X0AB".encode("gbk")),
            mails.attached("show-log.txt", b"%LINK-3-UPDOWN"),
            mails.attached("tool.exe", b"MZ"),
            head="X-Priority: 1\n",
        ).replace(b"Subject: with parts", b"Subject: P1 core-1 down")
    )
    brought = office.room().round()
    assert brought.taken == {Verdict.OPENED: 1}
    with office.store.read() as tx:
        case = tx.case(brought.opened[0])
        assert case is not None
        assert (case.title, case.severity, case.contract, case.serial) == ("P1 core-1 down", "P1", "C-1", "FOC1234X0AB")
        assert (case.customer, case.subject.device, case.reporter_address) == ("acme", "core-1", CONTACT)
        uploads = {row.command: row for row in tx.evidence(case.number) if row.tier == "upload"}
        assert uploads.keys() == {"P1 core-1 down.eml", "show-log.txt", "tool.exe"}
        assert uploads["tool.exe"].state == "refused" and not uploads["tool.exe"].sha256
        assert office.files.path(uploads["show-log.txt"].sha256).read_bytes() == b"%LINK-3-UPDOWN"
        assert b"core-1" in office.files.path(uploads["P1 core-1 down.eml"].sha256).read_bytes()
        assert any("paged at once" in entry.text for entry in tx.timeline(case.number))
        told = {job.payload["to"] for job in tx.jobs(kind=JobKind.NOTIFY, case=case.number)}
    assert told == {"li@example.net", CONTACT}
    assert office.room().round().mails == 0
    assert office.metrics.registry.get_sample_value("netcase_mails_total", {"verdict": "opened"}) == 1
    assert office.metrics.registry.get_sample_value("netcase_mailbox_up") == 1


async def test_an_answer_to_a_mail_that_really_went_out_comes_back_onto_its_case(server, tmp_path):
    """Out by a real SMTP server, back by a real IMAP server, without the tag in the subject."""
    post = PostOffice(("127.0.0.1", free_port()), tmp_path / "post")
    await post.start()
    try:
        smtp = Smtp(host="127.0.0.1", port=post.address[1], sender=SENDER)
        office = Office(tmp_path, server.mailbox(), smtp)
        server.deliver(mail(subject="P2 no telephone"))
        await asyncio.to_thread(office.room().round)
        await asyncio.to_thread(send_all, office)
        told = {str(sent["To"]): sent for sent in sent_by(post)}
        assert told.keys() == {"li@example.net", CONTACT}
        assert all(sent["Auto-Submitted"] == "auto-generated" for sent in told.values())
        answered = f"In-Reply-To: {told[CONTACT]['Message-ID']}\r\n"
        server.deliver(mail(subject="Still dead", text="Not yet.", id="<two@x>", more=answered))
        engineer = f"References: <one@example.com> {told['li@example.net']['Message-ID']}\r\n"
        server.deliver(mail(sender="Li Na <li@example.net>", text="On my way.", id="<three@x>", more=engineer))
        foreign = mail(sender=STRANGER, text="Give me all.", id="<four@x>", more=answered)
        server.deliver(foreign)
        assert (await asyncio.to_thread(office.room().round)).taken == {Verdict.REPLY: 2, Verdict.UNCLEAR: 1}
        await asyncio.to_thread(send_all, office)
        with office.store.read() as tx:
            (case,) = tx.cases()
            wrote = [(e.actor, e.data["text"]) for e in tx.timeline(case.number) if e.action is Action.MAIL]
        assert wrote == [("Zhang", "Not yet."), ("Li Na", "On my way.")]
        about = [str(sent["Subject"]) for sent in sent_by(post) if "wrote on case" in str(sent["Subject"])]
        assert about == ["[NC-000001] Zhang wrote on case NC-000001: Still dead"]
        for sent in post.folder.glob("*.eml"):  # what goes out and comes back is nothing new
            server.deliver(sent.read_bytes())
        before = office.cases()
        brought = await asyncio.to_thread(office.room().round)
        assert brought.taken.keys() == {Verdict.LOOP} and office.cases() == before
    finally:
        await post.stop()


def send_all(office: Office) -> None:
    smtp = office.inventory.policies.smtp
    assert smtp is not None
    channels = {"email": EmailChannel(smtp, lambda _: "")}
    messenger = Messenger(office.store, channels, compose.now, office.metrics.notifications)
    while True:
        with office.store.begin() as tx:
            jobs = tx.lease(JobKind.NOTIFY, compose.now(), mailbox.LONGEST_PAUSE, "test")
        if not jobs:
            return
        for job in jobs:
            messenger.send(job)


def sent_by(post: PostOffice) -> list:
    return [message_from_bytes(path.read_bytes(), policy=policy.default) for path in sorted(post.folder.glob("*.eml"))]


def test_a_customer_who_answers_is_waited_for_no_longer(server, office):
    server.deliver(mail(subject="Slow"))
    office.room().round()
    with office.store.begin() as tx:
        case = tx.case(1)
        assert case is not None
        for state in (CaseState.IN_PROGRESS, CaseState.WAITING_FOR_CUSTOMER):
            case, entry = moves.move(case, state, "Li Na", "a question", compose.now())
            tx.save_case(case)
            tx.log([entry])
    server.deliver(mail(subject="Re: [NC-000001] Slow", text="Here it is.", id="<two@x>"))
    assert office.room().round().taken == {Verdict.REPLY: 1}
    with office.store.read() as tx:
        found = tx.case(1)
    assert found is not None and found.state is CaseState.IN_PROGRESS


# ---------------------------------------------------------------- the hostile mailbox


@pytest.mark.timeout(900)  # it waits for the disk at every mail
def test_five_thousand_hostile_mails_are_all_kept_and_open_nothing_twice(server, tmp_path):
    office = Office(tmp_path, server.mailbox(senders=Senders.ANYONE, openings=10_000, filing=Filing.FOLDERS))
    chance, expected = random.Random(5), Counter[Verdict]()
    bodies: list[bytes] = []

    def add(kind: Verdict, raw: bytes) -> None:
        expected[kind] += 1
        bodies.append(raw)

    for n in range(60):
        add(Verdict.OPENED, mail(sender=f"p{n}@example.org", subject=f"case {n}", id=f"<{n}@x>"))
        add(
            Verdict.OPENED,
            mail(sender=f"q{n}@example.org", subject=f"gb {n}", id="", text="核心不通").replace(b"utf-8", b"gb2312"),
        )
        add(
            Verdict.OPENED,
            mails.bare(f"From: h{n}@example.org\nSubject: html {n}\nContent-Type: text/html", b"<p>dead<script>"),
        )
        add(Verdict.OPENED, mail(sender=f"same{n}@example.org", subject=f"same id {n}", id="<same@x>"))
    openings = list(bodies)
    for n in range(1500):
        add(Verdict.AUTOMATIC, mail(id=f"<a{n}@x>", more="Auto-Submitted: auto-replied\r\n"))
        add(Verdict.LIST, mail(id=f"<l{n}@x>", more="List-Id: <news.example>\r\n"))
    for n in range(500):
        add(Verdict.BOUNCE, mail(sender="MAILER-DAEMON@example.com", id=f"<b{n}@x>"))
        add(Verdict.LOOP, mail(sender=SENDER, id=f"<o{n}@x>"))
        broken = bytes(chance.randrange(256) for _ in range(chance.randrange(300)))
        add(Verdict.UNCLEAR, b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n" + broken + str(n).encode())
    doubles = openings * 1
    every = bodies + doubles
    chance.shuffle(every)
    assert len(every) == 4980
    for raw in every:
        server.deliver(raw)
    large = b"X" * 76 + b"\r\n"
    server.deliver(mail(sender="large@example.org", subject="large", id="<large@x>") + large * (50_000_000 // 78))
    expected[Verdict.OPENED] += 1
    began = time.process_time()
    brought = office.room().round()
    took = time.process_time() - began
    assert office.outcomes() == expected == Counter(brought.taken)
    assert brought.mails == 4981 and brought.doubles == 240
    titles = office.cases()
    assert len(titles) == len(set(titles)) == 241
    assert office.room().round().mails == 0
    assert len(server.mails()) == 0
    assert len(server.mails(".netcase.done")) == 241 + 240
    assert len(server.mails(".netcase.refused")) == 4500
    with office.store.read() as tx:
        (big,) = (case for case in tx.cases(limit=1000) if case.title == "large")
        lines = " ".join(entry.text for entry in tx.timeline(big.number))
        assert "only the header of this mail was read: it has 50" in lines
        assert all(row.bytes < 10_000 for row in tx.evidence(big.number))
    assert took < 60


def test_a_flood_of_one_sender_opens_twenty_cases_and_keeps_the_rest(server, office):
    for n in range(50):
        server.deliver(mail(subject=f"P1 again {n}", id=f"<{n}@x>"))
    assert office.room().round().taken == {Verdict.OPENED: 20, Verdict.FLOOD: 30}
    assert office.metrics.registry.get_sample_value("netcase_mails_waiting") == 30
    assert 1 <= len(told_of_waiting(office)) <= 2  # once an hour


def test_a_spoofed_sender_writes_onto_no_case_of_others(server, tmp_path):
    office = Office(tmp_path, server.mailbox(trusted_authserv_id="mx.example.net"))
    passed, failed = (f"Authentication-Results: mx.example.net; dmarc={word}\r\n".encode() for word in ("pass", "fail"))
    server.deliver(passed + mail())
    office.room().round()
    server.deliver(failed + mail(subject="Re: [NC-000001]", text="Please close it.", id="<two@x>"))
    server.deliver(failed + passed + mail(subject="Re: [NC-000001]", text="Please close it now.", id="<three@x>"))
    server.deliver(failed + mail(subject="P1 everything", id="<four@x>"))
    server.deliver(mail(sender=STRANGER, subject="Re: [NC-000001]", id="<five@x>"))
    assert office.room().round().taken == {Verdict.UNCLEAR: 4}
    assert len(office.cases()) == 1
    with office.store.read() as tx:
        assert not [entry for entry in tx.timeline(1) if "close" in entry.text]
    assert set(told_of_waiting(office)) == {"li@example.net"}


def told_of_waiting(office: Office) -> list[str]:
    with office.store.read() as tx:
        jobs = tx.jobs(kind=JobKind.NOTIFY)
    return [job.payload["to"] for job in jobs if job.payload["occasion"] == "mail_waiting"]


class Stumbling(Correspondence):
    """One with an error in it, that a certain mail brings out."""

    def _form(self, letter, *more):
        if letter.subject == "poison":
            raise KeyError(letter.subject)
        return super()._form(letter, *more)


def test_a_mail_that_brings_out_an_error_of_ours_keeps_no_other_waiting(server, office):
    for n, subject in enumerate(("one", "poison", "two")):
        server.deliver(mail(subject=subject, id=f"<{n}@x>"))
    desk = Stumbling(office.store, office.inventory, office.box, office.files)
    room = Mailroom(office.box, desk, office.store, lambda _: PASSWORD, compose.now)
    assert room.round().taken == {Verdict.OPENED: 2, Verdict.UNCLEAR: 1}
    assert office.cases() == ["one", "two"]
    with office.store.read() as tx:
        (kept,) = tx.letters(verdicts={Verdict.UNCLEAR})
    assert (kept.title, kept.reason) == ("poison", mailbox.STUMBLED)
    assert office.files.path(kept.sha256).is_file()


def test_a_store_that_cannot_be_written_is_waited_for(server, office, tmp_path):
    server.deliver(mail())
    office.files = FileEvidence(tmp_path / "netcase.db")  # no folder
    opened, wait = office.room().turn()
    assert (opened, wait) == ([], mailbox.pause(1, office.box.every))
    assert office.outcomes() == {}
    office.files = FileEvidence(tmp_path / "evidence")
    assert office.room().turn()[0] == [1]


# ---------------------------------------------------------------- breaking off


def fill(server: Dovecot, count: int) -> None:
    for n in range(count):
        server.deliver(mail(sender=f"p{n}@example.org", subject=f"case {n:03d}", id=f"<{n}@x>"))


def whole(office: Office, count: int) -> None:
    assert office.cases() == [f"case {n:03d}" for n in range(count)]
    assert office.outcomes() == {Verdict.OPENED: count}
    with office.store.read() as tx:
        for case in tx.cases(limit=1000):
            kept = [row for row in tx.evidence(case.number) if row.tier == "upload"]
            assert len(kept) == 1 and office.files.path(kept[0].sha256).is_file()
            told = [job.payload["to"] for job in tx.jobs(kind=JobKind.NOTIFY, case=case.number)]
            assert case.reporter_address in told and len(told) == len(set(told))


READER = """
import os, sys
from pathlib import Path
from agent.inventory.mailbox import Filing, Mailbox, Senders, Tls
from tests.integration.test_mailbox import Office

box = Mailbox(host="localhost", port=int(sys.argv[2]), ca=sys.argv[3], username=sys.argv[4], password="env:X",
              address=sys.argv[4], senders=Senders.ANYONE, openings=10_000, filing=Filing.FOLDERS)
print("ready", flush=True)
for _ in sys.stdin:
    if (reader := os.fork()) == 0:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # its log
        Office(Path(sys.argv[1]), box).room().round()
        os._exit(0)
    print(reader, flush=True)
    os.waitpid(reader, 0)
    print("over", flush=True)
"""


def test_a_reader_that_is_killed_again_and_again_loses_nothing_and_opens_nothing_twice(server, tmp_path):
    count = 100
    fill(server, count)
    office = Office(tmp_path, server.mailbox(senders=Senders.ANYONE, openings=10_000, filing=Filing.FOLDERS))
    arguments = [str(tmp_path), str(server.imaps), office.box.ca, office.box.username]
    chance, broken = random.Random(3), 0
    with subprocess.Popen(
        [sys.executable, "-c", READER, *arguments],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as readers:
        assert readers.stdin is not None and readers.stdout is not None
        assert readers.stdout.readline() == "ready\n"
        for _ in range(60):
            before = len(office.cases())
            readers.stdin.write("go\n")
            readers.stdin.flush()
            reader = int(readers.stdout.readline())
            time.sleep(chance.uniform(0.2, 1.2))
            with contextlib.suppress(ProcessLookupError):
                os.kill(reader, signal.SIGKILL)
            assert readers.stdout.readline() == "over\n"
            broken += before < len(office.cases()) < count
            if len(office.cases()) == count:
                break
    assert broken >= 2  # killed in the middle of its work
    office.room().round()
    whole(office, count)
    assert (len(server.mails()), len(server.mails(".netcase.done"))) == (0, count)


class Cutter:
    """Stands between the reader and the server, and cuts each connection after so many bytes of the server's."""

    def __init__(self, port: int) -> None:
        self._port, self.after = port, 0
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port = self._door.getsockname()[1]
        self._threads = [threading.Thread(target=self._serve)]
        self._threads[0].start()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._door.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self._port))
            ways = (client, server, 10**9), (server, client, self.after)
            pipes = [threading.Thread(target=self._pipe, args=way) for way in ways]
            for pipe in pipes:
                pipe.start()
            for pipe in pipes:
                pipe.join()
            client.close()
            server.close()

    def _pipe(self, source: socket.socket, target: socket.socket, most: int) -> None:
        with contextlib.suppress(OSError):
            while most > 0 and (chunk := source.recv(4096)):
                target.sendall(chunk[:most])
                most -= len(chunk)
        for each in (source, target):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._door.shutdown(socket.SHUT_RDWR)
        self._door.close()
        for each in self._threads:
            each.join(10)


def test_a_server_that_drops_the_connection_anywhere_loses_nothing(server, tmp_path):
    count = 90
    fill(server, count)
    cutter = Cutter(server.imaps)
    try:
        box = server.mailbox(senders=Senders.ANYONE, openings=10_000, port=cutter.port, timeout=mailbox.SHORTEST_PAUSE)
        office = Office(tmp_path, box)
        chance, broken = random.Random(11), 0
        for _ in range(200):
            cutter.after = chance.randrange(500, 16_000)
            try:
                office.room().round()
                break
            except MailboxError:
                broken += 1
        assert broken >= 3
        cutter.after = 10**9
        office.room().round()
        whole(office, count)
    finally:
        cutter.close()


def test_a_server_that_throws_everybody_out_is_connected_to_again(server, tmp_path):
    fill(server, 80)
    office = Office(tmp_path, server.mailbox(senders=Senders.ANYONE, openings=10_000))
    stop = threading.Event()

    def kick() -> None:
        while not stop.wait(0.4):
            server.drop_connections()

    kicking = threading.Thread(target=kick)
    kicking.start()
    try:
        with contextlib.suppress(MailboxError):
            office.room().round()
    finally:
        stop.set()
        kicking.join()
    office.room().round()
    whole(office, 80)


def test_another_uidvalidity_opens_nothing_twice(server, tmp_path):
    fill(server, 30)
    office = Office(tmp_path, server.mailbox(senders=Senders.ANYONE, openings=10_000))
    office.room().round()
    server.forget_uids()
    server.deliver(mail(sender="p30@example.org", subject="case 030", id="<30@x>"))
    brought = office.room().round()
    assert (brought.doubles, brought.taken) == (30, {Verdict.OPENED: 1})
    whole(office, 31)


def test_two_readers_of_one_mailbox_take_each_mail_once(server, tmp_path):
    fill(server, 60)
    office = Office(tmp_path, server.mailbox(senders=Senders.ANYONE, openings=10_000))
    readers = [threading.Thread(target=office.room().round) for _ in range(2)]
    for each in readers:
        each.start()
    for each in readers:
        each.join()
    whole(office, 60)


# ---------------------------------------------------------------- the server


def test_folders_are_made_as_the_server_writes_them(tmp_path):
    with dovecot.running(separator=".", prefix="INBOX.") as server:
        office = Office(tmp_path, server.mailbox(filing=Filing.FOLDERS))
        server.deliver(mail())
        server.deliver(mail(sender=STRANGER, id="<two@x>"))
        assert office.room().round().taken == {Verdict.OPENED: 1, Verdict.REFUSED: 1}
        assert [len(server.mails(name)) for name in ("", ".netcase.done", ".netcase.refused")] == [0, 1, 1]


def test_mails_are_marked_as_read_only_once_they_were_taken(server, office):
    server.deliver(mail())
    with mailbox.imap.opened(office.box, lambda _: PASSWORD) as folder:
        folder.mail(1, 1000)
    assert not server.mails()[0].name.endswith("S")
    office.room().round()
    assert server.mails()[0].name.endswith(":2,S")


def test_a_certificate_that_nobody_vouches_for_is_refused(server, tmp_path):
    for tls in (Tls.IMPLICIT, Tls.STARTTLS):
        office = Office(tmp_path, server.mailbox(tls, ca=""))
        with pytest.raises(MailboxError, match="certificate verify failed"):
            office.room().round()
    Office(tmp_path, server.mailbox(host="127.0.0.1")).room().round()  # its address stands in the certificate


def test_a_wrong_password_is_told_without_it(server, office):
    desk = Correspondence(office.store, office.inventory, office.box, office.files)
    room = Mailroom(office.box, desk, office.store, lambda _: "hunter2-secret", compose.now, office.metrics)
    with pytest.raises(MailboxError) as told:
        room.round()
    assert "refused the login of tac@example.net" in str(told.value)
    assert "hunter2" not in str(told.value)
    assert office.metrics.registry.get_sample_value("netcase_mailbox_up") == 0


def test_a_server_that_is_not_there_is_waited_for_longer_and_longer(tmp_path):
    office = Office(tmp_path, Mailbox(host="127.0.0.1", port=free_port(), tls=Tls.NONE, username="u", password="env:X"))
    with pytest.raises(MailboxError, match="Connection refused"):
        office.room().round()
    pauses = [mailbox.pause(failures, office.box.every).total_seconds() for failures in (0, 1, 2, 3, 50)]
    assert pauses == [30, 30, 60, 120, 600]


# ---------------------------------------------------------------- a person


def test_a_person_puts_a_kept_mail_onto_a_case(server, office):
    server.deliver(mail())
    kept = multipart(("Content-Type: text/plain", b"See the log."), mails.attached("log.txt", b"a log"))
    server.deliver(kept.replace(b"From: zhang@", b"From: wu@").replace(b"Subject: with", b"Subject: [NC-000001] with"))
    assert office.room().round().taken == {Verdict.OPENED: 1, Verdict.UNCLEAR: 1}
    number = 2
    case = mailbox.assign(office.store, office.inventory, office.files, number, 1, "li", compose.now())
    assert case.name == "NC-000001"
    with office.store.read() as tx:
        filed = tx.letter(number)
        assert filed is not None
        assert (filed.verdict, filed.case, filed.by) == (Verdict.ASSIGNED, 1, "li")
        assert [e.data["text"] for e in tx.timeline(1) if e.action is Action.MAIL] == ["See the log."]
        assert "log.txt" in {row.command for row in tx.evidence(1)}
        assert tx.letters_waiting() == 0
    with pytest.raises(RefusedError, match="on NC-000001 already"):
        mailbox.assign(office.store, office.inventory, office.files, number, 1, "li", compose.now())
    with pytest.raises(RefusedError, match="there is no mail 99"):
        mailbox.assign(office.store, office.inventory, office.files, 99, 1, "li", compose.now())
