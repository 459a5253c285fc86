"""Mails as people, programs and strangers write them: plain bytes, as they come over the wire."""

import base64
from email.header import Header

CONTACT, STRANGER, ENGINEER = "zhang@example.com", "mallory@evil.example", "li@example.net"


def mail(
    *,
    sender: str = f"Zhang Wei <{CONTACT}>",
    subject: str = "Nothing works",
    text: str = "The office has no network.",
    id: str = "<one@example.com>",  # noqa: A002 - what it is called
    more: str = "",
) -> bytes:
    """`more`: header lines, each with its line break."""
    date = "Mon, 02 Mar 2026 08:00:00 +0000"
    subject = subject if subject.isascii() else Header(subject, "utf-8", maxlinelen=900).encode()
    head = f"From: {sender}\r\nTo: tac@example.net\r\nSubject: {subject}\r\nDate: {date}\r\n"
    head += f"Message-ID: {id}\r\n" if id else ""
    head += f"{more}MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n"
    return head.encode() + b"\r\n" + text.replace("\n", "\r\n").encode() + b"\r\n"


def bare(head: str, body: bytes = b"") -> bytes:
    """A mail of that header and that body, and of nothing else."""
    return head.replace("\n", "\r\n").encode("utf-8", "surrogateescape") + b"\r\n\r\n" + body


def multipart(*parts: tuple[str, bytes], kind: str = "mixed", boundary: str = "b-1", head: str = "") -> bytes:
    """Each part: its header lines, its body."""
    lead = f"From: {CONTACT}\nSubject: with parts\nMessage-ID: <parts@example.com>\n{head}MIME-Version: 1.0\n"
    body = b"".join(
        f"--{boundary}\r\n".encode()
        + lines.replace("\n", "\r\n").encode("utf-8", "surrogateescape")
        + b"\r\n\r\n"
        + said
        + b"\r\n"
        for lines, said in parts
    )
    return bare(f'{lead}Content-Type: multipart/{kind}; boundary="{boundary}"', body + f"--{boundary}--\r\n".encode())


def attached(name: str, content: bytes, kind: str = "application/octet-stream") -> tuple[str, bytes]:
    lines = (
        f'Content-Type: {kind}\nContent-Disposition: attachment; filename="{name}"\nContent-Transfer-Encoding: base64'
    )
    return lines, base64.encodebytes(content)
