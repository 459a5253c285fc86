"""Runs one command on an open channel and streams what it prints, cleaned and scrubbed, into a file.

`send_command` is not used: it loses data when the prompt's text stands inside slow output, splits characters of
several octets, and keeps the whole output in memory several times. Here the output is read as bytes until an anchored
prompt and silence; only the line that is not finished yet is kept.
"""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, BinaryIO

from agent.cases.case import EvidenceState
from agent.cases.outcome import Outcome
from collectors.ssh import plain, terminal
from collectors.ssh.scrub import Scrubber, between

CHUNK = 65_536  # octets of one read
TICK_S = 0.1  # a read waits so long
SILENCE_S = 0.4  # after a prompt, before it is believed
QUIET_S = 2.0  # without a word: it hangs, rather than prints on and on
RECOVERY_S = 3.0  # after a command that took too long was broken off, for the prompt to come back
TAIL = 4096  # octets at the end that are looked at for a prompt or a question
HEAD = 4096  # characters at the beginning that may hold the device's refusal


@dataclass(frozen=True, slots=True)
class Ended:
    state: EvidenceState
    outcome: Outcome
    why: str = ""


DONE = Ended(EvidenceState.DONE, Outcome.DONE)


class Session:
    """`channel` is a paramiko Channel after login, `prompt` what stands before the cursor now."""

    def __init__(
        self, channel: Any, prompt: bytes, size_limit: int, pagers: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        """`pagers` are the platform's own, each with the key that goes on, beside those that all have in common."""
        self._channel = channel
        self._channel.settimeout(TICK_S)
        self._prompt = re.compile(rb"(?:^|[\r\n])" + re.escape(prompt) + rb"\s*\Z")
        self._size_limit = size_limit
        self._paged = False  # the present command has stopped at a page before
        self._pagers = [(re.compile(text.encode() + rb"\s{0,8}\Z"), key.encode()) for text, key in pagers.items()]
        self.lost = ""  # why no more commands can be sent

    def run(self, line: str, seconds: float, answers: Mapping[str, str], out: "Output") -> Ended:
        """Never raises for what the device does: a lost line is partial, what takes too long is timed out."""
        deadline = time.monotonic() + seconds
        self._paged = False
        out.expect_echo(line)
        try:
            self._drain()
            self._channel.sendall(line.encode() + b"\n")
            return self._read(deadline, seconds, answers, out)
        except (OSError, EOFError):
            return self._dropped()
        finally:
            out.finish(self._prompt)

    def _read(self, deadline: float, seconds: float, answers: Mapping[str, str], out: "Output") -> Ended:
        questions = {re.compile(pattern.encode()): answer.encode() for pattern, answer in answers.items()}
        quiet_since: float | None = None
        heard = time.monotonic()
        while True:
            now = time.monotonic()
            if now >= deadline:
                return self._out_of_time(seconds, printing=now - heard < QUIET_S)
            chunk = self._receive()
            if chunk == b"":
                return self._dropped()
            if chunk is not None:
                quiet_since, heard = None, now
                out.write(chunk)
                if out.size > self._size_limit:
                    return self._too_large()
                if self._paged:  # it pages this command: no need to wait and see whether more comes
                    self._turn_page(terminal.without_colours(out.tail[-256:]), out)
                continue
            tail = terminal.without_colours(out.tail)
            if self._prompt.search(tail):
                quiet_since = quiet_since or now
                if now - quiet_since >= SILENCE_S:
                    return DONE
            elif not self._turn_page(tail, out):
                self._answer(tail, questions, out)

    def _turn_page(self, tail: bytes, out: "Output") -> bool:
        own = next((key for pattern, key in self._pagers if pattern.search(tail)), b"")
        if not own and not terminal.PAGER.search(tail):
            return False
        self._paged = True
        out.forget_tail()
        self._channel.sendall(own or b" ")
        return True

    def _answer(self, tail: bytes, questions: Mapping[re.Pattern[bytes], bytes], out: "Output") -> None:
        for pattern, answer in questions.items():
            if pattern.search(tail):
                out.forget_tail()
                self._channel.sendall(answer + b"\n")
                return

    def _receive(self) -> bytes | None:
        """What came, b"" when the line was dropped, None when nothing came within a tick."""
        try:
            return bytes(self._channel.recv(CHUNK))
        except TimeoutError:
            return b"" if self._channel.closed or not _alive(self._channel) else None

    def _drain(self) -> None:
        while self._channel.recv_ready():
            if not self._channel.recv(CHUNK):
                raise EOFError

    def _dropped(self) -> Ended:
        self.lost = "The connection was lost before this could be asked."
        why = "The connection was lost in the middle; what came until then is kept."
        return Ended(EvidenceState.PARTIAL, Outcome.DROPPED, why)

    def _out_of_time(self, seconds: float, *, printing: bool) -> Ended:
        self._break_off()
        did = "It was still printing" if printing else "No prompt came back"
        why = f"{did} after {seconds:g} s; what came until then is kept."
        return Ended(EvidenceState.TIMED_OUT, Outcome.ENDLESS if printing else Outcome.TIMED_OUT, why)

    def _too_large(self) -> Ended:
        self._break_off()
        why = f"It printed more than {self._size_limit // 1_000_000} MB; the rest was left."
        return Ended(EvidenceState.PARTIAL, Outcome.ENDLESS, why)

    def _break_off(self) -> None:
        """Interrupt the command. Without a prompt after that, no other command can be sent."""
        tail = b""
        deadline = time.monotonic() + RECOVERY_S
        try:
            self._channel.sendall(b"\x03")
            while time.monotonic() < deadline:
                chunk = self._receive()
                if chunk == b"":
                    break
                if chunk is None and self._prompt.search(terminal.without_colours(tail)):
                    return
                tail = (tail + (chunk or b""))[-TAIL:]
        except (OSError, EOFError):
            pass
        self.lost = "An earlier command would not stop printing."


def _alive(channel: Any) -> bool:
    transport = channel.get_transport()
    return transport is not None and bool(transport.is_active())


class Output:
    """Takes bytes as they come, writes whole lines: without echo, pagers and secrets. Keeps one line in memory."""

    def __init__(self, file: BinaryIO, scrubber: Scrubber) -> None:
        self.size = 0  # octets that the device sent for the present command
        self.tail = b""
        self.head = ""  # the first lines of what the present command printed
        self._file = file
        self._scrubber = scrubber
        self._rest = b""
        self._echo = ""

    def expect_echo(self, line: str) -> None:
        self._echo = line
        self.size = 0
        self.tail = b""
        self.head = ""

    def forget_tail(self) -> None:
        """What was answered is not answered again."""
        self.tail = b""

    def title(self, text: str) -> None:
        self._file.write(f"===== {text} =====\n".encode())

    def write(self, chunk: bytes) -> None:
        self.size += len(chunk)
        self.tail = (self.tail + chunk)[-TAIL:]
        whole, end, self._rest = (self._rest + chunk).rpartition(b"\n")
        if end:
            self._whole(whole + end)
        while len(self._rest) > terminal.LINE_LIMIT:
            cut = between(self._rest, terminal.cut(self._rest))
            self._line(self._rest[:cut])
            self._rest = self._rest[cut:]

    def finish(self, prompt: re.Pattern[bytes]) -> None:
        """The line that has no end is the prompt, or all that came of a line before the connection was lost."""
        if self._rest and not prompt.search(terminal.without_colours(self._rest)):
            self._line(terminal.whole_characters(self._rest))
        self._rest = b""
        self._file.flush()

    def _whole(self, raw: bytes) -> None:
        """Many lines at once where they need no cleaning, and neither echo nor refusal may stand in them."""
        text = None if self._echo or len(self.head) < HEAD else plain.lines(raw)
        if text is not None:
            self._file.write(self._scrubber.block(text).encode())
            return
        for line in raw.split(b"\n")[:-1]:
            self._line(line)

    def _line(self, raw: bytes) -> None:
        text = terminal.line(raw)
        if self._echo:
            echoed, self._echo = text.strip().endswith(self._echo), ""
            if echoed:
                return
        clean = self._scrubber.line(text)
        if clean is not None:
            if len(self.head) < HEAD:
                self.head += f"{clean[:HEAD]}\n"
            self._file.write(clean.encode("utf-8", "replace") + b"\n")
