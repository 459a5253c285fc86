"""The e-mail channel against a real SMTP server (aiosmtpd) on loopback."""

import email
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import default
from ipaddress import ip_address
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from agent.channels.email import EmailChannel, compose, message_id
from agent.errors import DeliveryError, UsageError
from agent.inventory.policies import Smtp
from agent.notifications.notification import Notification


class Mailbox:
    """Keeps what arrives; `answers` replaces the server's reply by SMTP command."""

    def __init__(self) -> None:
        self.envelopes: list[Envelope] = []
        self.answers: dict[str, str] = {}
        self.logged_in = False

    async def handle_MAIL(self, server, session, envelope, address, options):  # noqa: N802
        if "MAIL" in self.answers:
            return self.answers["MAIL"]
        self.logged_in = session.authenticated
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        if "RCPT" in self.answers:
            return self.answers["RCPT"]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        if "DATA" in self.answers:
            return self.answers["DATA"]
        self.envelopes.append(envelope)
        return "250 kept as 1"

    async def handle_QUIT(self, server, session, envelope):  # noqa: N802
        return self.answers.get("QUIT", "221 Bye")

    def mail(self) -> EmailMessage:
        return email.message_from_bytes(self.envelopes[-1].content, policy=default)


@contextmanager
def serve(mailbox: Mailbox, **options) -> Iterator[int]:
    controller = Controller(mailbox, hostname="127.0.0.1", port=free_port(), **options)
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def port(mailbox: Mailbox) -> Iterator[int]:
    with serve(mailbox) as port:
        yield port


def channel(port: int, **settings) -> EmailChannel:
    smtp = Smtp(host="127.0.0.1", port=port, sender="netcase@example.net", **settings)
    return EmailChannel(smtp, secret={"env:P": "geheim"}.__getitem__, timeout_s=10)


def notification(**changes) -> Notification:
    plain = {
        "key": "case/1/opened/li",
        "channel": "email",
        "to": "li@example.net",
        "language": "en",
        "subject": "NC-000001 P2: bj-core-1 is unreachable",
        "text": "bj-core-1 does not answer.",
    }
    return Notification(**(plain | changes))


def test_a_mail_arrives_as_text_and_html_with_its_attachment(mailbox, port, tmp_path):
    report = tmp_path / "日报.html"
    report.write_text("<p>ok</p>")
    said = channel(port).send(notification(html="<p>hello</p>", attachments=(str(report),)))
    assert said == "250 kept as 1"
    mail = mailbox.mail()
    assert mail.get_body(("plain",)).get_content().strip() == "bj-core-1 does not answer."
    assert mail.get_body(("html",)).get_content().strip() == "<p>hello</p>"
    assert [part.get_filename() for part in mail.iter_attachments()] == ["日报.html"]
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mailbox.envelopes[0].mail_from == "netcase@example.net"
    assert mailbox.envelopes[0].rcpt_tos == ["li@example.net"]


def test_a_chinese_subject_arrives_whole(mailbox, port):
    subject = "NC-000001 P1：北京核心交换机 bj-core-1 不可达，" * 8
    channel(port).send(notification(subject=subject, text="设备没有应答。", language="zh_CN"))
    assert mailbox.mail()["Subject"] == subject
    assert mailbox.mail().get_content().strip() == "设备没有应答。"
    assert mailbox.envelopes[0].content.isascii()


def test_a_repeated_mail_carries_the_same_message_id(mailbox, port):
    channel(port).send(notification())
    channel(port).send(notification())
    first, second = (email.message_from_bytes(e.content)["Message-ID"] for e in mailbox.envelopes)
    assert first == second == message_id("case/1/opened/li", "netcase@example.net")


def test_a_recovery_threads_with_the_opening_it_answers(mailbox, port):
    channel(port).send(notification(key="case/1/recovered/li", answers="case/1/opened/li"))
    opening = message_id("case/1/opened/li", "netcase@example.net")
    assert mailbox.mail()["In-Reply-To"] == mailbox.mail()["References"] == opening


@pytest.mark.parametrize(
    "subject", ["down\r\nBcc: thief@example.org", "down\nBcc: x", "down\r\n\r\nbody", "a\x00\x1b[2Jb"]
)
def test_a_hostile_subject_makes_no_header(mailbox, port, subject):
    channel(port).send(notification(subject=subject))
    assert mailbox.mail()["Bcc"] is None
    assert mailbox.envelopes[0].rcpt_tos == ["li@example.net"]
    assert mailbox.mail().get_content().strip() == "bj-core-1 does not answer."
    assert mailbox.mail()["Subject"].isprintable()


@pytest.mark.parametrize(
    "to",
    ["", "li", "li@example.net, thief@example.org", "li@example.net\r\nBcc: x@y", "<li@example.net>", "李@例子.cn"],
)
def test_an_address_that_is_none_is_refused_for_good(port, to):
    with pytest.raises(DeliveryError) as refused:
        channel(port).send(notification(to=to))
    assert refused.value.permanent
    assert "is not an e-mail address" in str(refused.value)


def test_text_that_cannot_be_encoded_is_sent_all_the_same(mailbox, port):
    channel(port).send(notification(subject="x\udcff", text="y\udcff", html="<p>\udcff</p>"))
    assert mailbox.mail()["Subject"] == "x?"


@pytest.mark.parametrize(("command", "what"), [("MAIL", "sender"), ("RCPT", "recipient"), ("DATA", "message")])
@pytest.mark.parametrize(("answer", "permanent"), [("550 no such thing", True), ("451 later", False)])
def test_a_refusal_is_permanent_with_5xx_and_temporary_with_4xx(mailbox, port, command, what, answer, permanent):
    mailbox.answers[command] = answer
    with pytest.raises(DeliveryError) as refused:
        channel(port).send(notification())
    assert refused.value.permanent is permanent
    assert what in str(refused.value)
    assert answer in str(refused.value)


def test_an_accepted_mail_stays_accepted_when_the_farewell_fails(mailbox, port):
    mailbox.answers["QUIT"] = "500 what?"
    assert channel(port).send(notification()).startswith("250")


def test_a_server_that_is_not_there_is_tried_again():
    with pytest.raises(DeliveryError) as refused:
        channel(free_port()).send(notification())
    assert not refused.value.permanent
    assert "refused" in str(refused.value)


def test_a_server_that_says_nothing_is_given_up_in_time():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        smtp = Smtp(host="127.0.0.1", port=silent.getsockname()[1])
        with pytest.raises(DeliveryError) as refused:
            EmailChannel(smtp, secret=str, timeout_s=0.2).send(notification(to="li@example.net"))
    assert not refused.value.permanent


def test_a_server_that_answers_each_line_late_never_has_the_message_after_the_lease_of_its_job(mailbox, port):
    smtp = Smtp(host="127.0.0.1", port=port, sender="netcase@example.net")
    late = EmailChannel(smtp, str, timeout_s=10, longest_s=0)
    with pytest.raises(DeliveryError, match=r"took longer than 0 s") as refused:
        late.send(notification())
    assert not refused.value.permanent
    assert mailbox.envelopes == []


def test_a_missing_or_large_attachment_is_named_and_the_mail_goes_out(mailbox, port, tmp_path, monkeypatch):
    monkeypatch.setattr("agent.channels.email.ATTACHMENT_LIMIT", 10)
    large = tmp_path / "large.log"
    large.write_text("x" * 11)
    channel(port).send(notification(attachments=(str(tmp_path / "gone.html"), str(large))))
    text = mailbox.mail().get_content()
    assert "[gone.html: No such file or directory]" in text
    assert "[large.log: 11 bytes, too large for a mail]" in text


def accept(server, session, envelope, mechanism, data) -> AuthResult:
    if isinstance(data, LoginPassword) and (data.login, data.password) == (b"netcase", b"geheim"):
        return AuthResult(success=True)
    return AuthResult(success=False, handled=False)


def test_a_login_sends_the_password_that_the_reference_names(mailbox):
    with serve(mailbox, authenticator=accept, auth_require_tls=False) as port:
        channel(port, username="netcase", password="env:P").send(notification())
    assert mailbox.logged_in
    assert len(mailbox.envelopes) == 1


def test_a_refused_login_never_tells_the_password(mailbox):
    with serve(mailbox, authenticator=accept, auth_require_tls=False) as port:
        smtp = Smtp(host="127.0.0.1", port=port, username="netcase", password="env:P")
        with pytest.raises(DeliveryError) as refused:
            EmailChannel(smtp, secret=lambda reference: "falsch").send(notification())
    assert "refused the login of netcase (535)" in str(refused.value)
    assert "falsch" not in repr(refused.value)
    assert not refused.value.permanent, "the mail waits until somebody has put the password right"


def test_a_password_that_is_missing_lets_the_mail_wait():
    def missing(reference: str) -> str:
        raise UsageError(f"{reference} is not set")

    with serve(Mailbox()) as port:
        smtp = Smtp(host="127.0.0.1", port=port, username="netcase", password="env:P")
        with pytest.raises(DeliveryError, match="env:P is not set") as refused:
            EmailChannel(replace(smtp, sender="netcase@example.net"), secret=missing).send(notification())
    assert not refused.value.permanent


def test_a_password_is_not_sent_unencrypted_to_another_machine(monkeypatch):
    monkeypatch.setattr("agent.channels.email._is_loopback", lambda host: False)
    with serve(Mailbox()) as port, pytest.raises(DeliveryError, match="starttls: true"):
        channel(port, username="netcase", password="env:P").send(notification())


def test_starttls_is_used_and_its_certificate_verified(mailbox, tmp_path):
    server, trusting = certificate(tmp_path)
    with serve(mailbox, tls_context=server, require_starttls=True) as port:
        smtp = Smtp(host="localhost", port=port, starttls=True)
        EmailChannel(smtp, secret=str, context=trusting).send(notification())
        with pytest.raises(DeliveryError, match="certificate verify failed") as refused:
            EmailChannel(smtp, secret=str).send(notification())
    assert len(mailbox.envelopes) == 1
    assert not refused.value.permanent


def test_a_server_without_starttls_gets_no_mail_when_starttls_is_asked_for(mailbox, port):
    with pytest.raises(DeliveryError, match="STARTTLS"):
        channel(port, starttls=True).send(notification())
    assert mailbox.envelopes == []


def certificate(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A self-signed certificate for localhost: the server's context, and that of a client which trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    start = datetime(2020, 1, 1, tzinfo=UTC)
    names = [x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=36500))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "cert.pem").write_bytes(signed.public_bytes(pem))
    (folder / "key.pem").write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return server, ssl.create_default_context(cafile=folder / "cert.pem")


def test_the_message_is_composed_without_a_server():
    mail = compose(notification(), "netcase@example.net")
    assert mail["To"] == "li@example.net"
    assert mail["Content-Language"] == "en"
