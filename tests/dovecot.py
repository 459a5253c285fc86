"""A real IMAP server on loopback (Dovecot), with a certificate of its own and a maildir that mails come into."""

import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from agent.inventory.mailbox import Mailbox, Tls
from tests.sshd import free_port

USER, PASSWORD = "tac@example.net", "wg7-Zuckerrübe"
_CONF = """\
base_dir = {run}
state_dir = {run}
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
ssl = yes
ssl_cert = <{folder}/cert.pem
ssl_key = <{folder}/key.pem
ssl_dh =
mail_location = maildir:{folder}/mail
auth_mechanisms = plain login
auth_failure_delay = 0
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {folder}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/home
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
namespace inbox {{
  inbox = yes
  separator = {separator}
  prefix = {prefix}
}}
"""
_count = itertools.count(1)


class Dovecot:
    """`with running() as server:`"""

    def __init__(self, folder: Path, separator: str, prefix: str) -> None:
        nobody = pwd.getpwnam("nobody")
        self.folder, self.imap, self.imaps = folder, free_port(), free_port()
        self.maildir, self._owner = folder / "mail", (nobody.pw_uid, nobody.pw_gid)
        for name in ("mail", "home", "mail/new", "mail/cur", "mail/tmp"):
            (folder / name).mkdir()
            os.chown(folder / name, *self._owner)
        self._certificate()
        (folder / "users").write_text(f"{USER}:{PASSWORD}\n")
        settings = {
            "run": folder / "run",
            "folder": folder,
            "imap": self.imap,
            "imaps": self.imaps,
            "uid": nobody.pw_uid,
            "gid": nobody.pw_gid,
            "separator": separator,
            "prefix": prefix,
        }
        (folder / "dovecot.conf").write_text(_CONF.format(**settings))
        self._process: subprocess.Popen[bytes] | None = None

    def _certificate(self) -> None:
        made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        files = ["-keyout", str(self.folder / "key.pem"), "-out", str(self.folder / "cert.pem"), "-days", "3650"]
        names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
        subprocess.run([*made, *files, *names], check=True, capture_output=True)

    def start(self) -> None:
        self._process = subprocess.Popen(["dovecot", "-F", "-c", str(self.folder / "dovecot.conf")])
        deadline = time.monotonic() + 20
        while not self._is_up():
            assert self._process.poll() is None and time.monotonic() < deadline, (self.folder / "log").read_text()
            time.sleep(0.05)

    def _is_up(self) -> bool:
        import socket

        try:
            with socket.create_connection(("127.0.0.1", self.imap), 1) as connection:
                connection.settimeout(5)
                return connection.recv(4) == b"* OK"
        except OSError:
            return False

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(20)
            self._process = None

    def drop_connections(self) -> None:
        """What a server does that is restarted: whoever is logged in is thrown out in the middle."""
        subprocess.run(
            ["doveadm", "-c", str(self.folder / "dovecot.conf"), "kick", "*"], capture_output=True, check=False
        )

    # ------------------------------------------------------------ mails

    def deliver(self, mail: bytes) -> None:
        """As a delivery agent does: written aside, and renamed into `new`."""
        name = f"{int(time.time())}.{next(_count):08d}.test"
        aside = self.maildir / "tmp" / name
        aside.write_bytes(mail)
        os.chown(aside, *self._owner)
        aside.rename(self.maildir / "new" / name)

    def deliver_by_agent(self, mail: bytes) -> None:
        """By Dovecot's own delivery agent."""
        command = ["/usr/lib/dovecot/dovecot-lda", "-c", str(self.folder / "dovecot.conf"), "-d", USER]
        subprocess.run(command, input=mail, check=True, capture_output=True, timeout=20)

    def forget_uids(self) -> None:
        """The folder is made anew: another UIDVALIDITY, and every mail has another UID."""
        time.sleep(1.1)  # it is made of the second
        for path in [*self.maildir.glob("dovecot*")]:
            path.unlink()

    def mails(self, folder: str = "") -> list[Path]:
        place = self.maildir / folder if folder else self.maildir
        return sorted([*place.glob("new/*"), *place.glob("cur/*")])

    def mailbox(self, tls: Tls = Tls.IMPLICIT, **more: object) -> Mailbox:
        plain = Mailbox(
            host="localhost",
            port=self.imaps if tls is Tls.IMPLICIT else self.imap,
            tls=tls,
            ca=str(self.folder / "cert.pem"),
            username=USER,
            password="env:MAILBOX_PASSWORD",
            address=USER,
        )
        return replace(plain, **more)


@contextmanager
def running(separator: str = "/", prefix: str = "") -> Iterator[Dovecot]:
    folder = Path(tempfile.mkdtemp(prefix="dovecot-"))  # not pytest's: another user reads it
    folder.chmod(0o755)
    server = Dovecot(folder, separator, prefix)
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
