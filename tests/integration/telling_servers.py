"""A mail server and a webhook's receiver in one process of their own: they keep what they accept, as JSON lines, and
tell nobody that they have it before it is on disk. Started with the file to write to; prints its two ports."""

import asyncio
import email
import email.policy
import json
import os
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


class Kept:
    def __init__(self, file: Path) -> None:
        self._file, self._lock = file.open("a", encoding="utf-8"), threading.Lock()

    def keep(self, **what: Any) -> None:
        with self._lock:
            self._file.write(json.dumps(what, ensure_ascii=False) + "\n")
            self._file.flush()
            os.fsync(self._file.fileno())


class Mail:
    def __init__(self, kept: Kept) -> None:
        self._kept = kept

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        for to in envelope.rcpt_tos:
            self._kept.keep(
                by="email", to=to, id=mail["Message-ID"], repeated=mail["X-Netcase-Repeated"], subject=mail["Subject"]
            )
        return "250 kept"


def receiver(kept: Kept) -> ThreadingHTTPServer:
    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            kept.keep(by="webhook", path=self.path, headers=dict(self.headers), body=body)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"kept")

        def log_message(self, *args: Any) -> None:
            pass

    return ThreadingHTTPServer(("127.0.0.1", 0), Receiver)


def main() -> None:
    from aiosmtpd.smtp import SMTP

    kept = Kept(Path(sys.argv[1]))
    web = receiver(kept)
    threading.Thread(target=web.serve_forever, daemon=True).start()

    async def serve() -> None:
        loop = asyncio.get_running_loop()
        mail = await loop.create_server(lambda: SMTP(Mail(kept)), "127.0.0.1", 0)
        print(mail.sockets[0].getsockname()[1], web.server_address[1], flush=True)
        await asyncio.Event().wait()

    asyncio.run(serve())


if __name__ == "__main__":
    main()
