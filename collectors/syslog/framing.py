"""Where one message ends and the next begins in a stream of octets (RFC 6587). Pure."""

import re

LIMIT = 8192  # octets kept of a message; RFC 5425 §4.3.1 asks for 8192
_COUNT = re.compile(rb"[1-9]\d{0,8} ")
_ENDS = re.compile(rb"[\n\x00]")
_BETWEEN = b"\r\n\x00 "  # some senders end an octet-counted message with a line feed, too
_UNDECIDED = 12  # octets that tell a count from a message


class Framing:
    """Octet-counted (`57 <34>1 …`) or ended by a line feed or a NUL: the first octets of the stream tell which.

    A count that is none sends the rest of the stream to the other way. What is longer than LIMIT is cut, and counted.
    """

    def __init__(self) -> None:
        self.counted: bool | None = None  # not known yet
        self.cut = 0
        self._buffer = bytearray()
        self._skip = 0  # octets of a counted message that are beyond the limit
        self._skip_line = False

    def feed(self, octets: bytes) -> list[bytes]:
        """The messages that are whole now. Holds at most LIMIT and the octets given."""
        self._buffer += octets
        if self.counted is None:
            self.counted = self._tell()
        found: list[bytes] = []
        while self.counted is not None:
            message = self._counted() if self.counted else self._line()
            if message is None:
                break
            if message:
                found.append(message)
        return found

    def end(self) -> list[bytes]:
        """What is left when the stream ends: a last message without its end."""
        rest, self._buffer = bytes(self._buffer[:LIMIT]), bytearray()
        if self._skip or self._skip_line:
            return []
        if self.counted or self.counted is None:
            rest = _COUNT.sub(b"", rest, count=1) if _COUNT.match(rest) else rest
        rest = rest.strip(_BETWEEN)
        return [rest] if rest else []

    def _tell(self) -> bool | None:
        start = bytes(self._buffer.lstrip(_BETWEEN)[:_UNDECIDED])
        if not start:
            return None
        match = _COUNT.match(start)
        if match and len(start) > match.end():
            return start[match.end() : match.end() + 1] == b"<"
        if start.isdigit() or match:
            return None if len(start) < _UNDECIDED else False
        return False

    def _counted(self) -> bytes | None:
        buffer = self._buffer
        if self._skip:
            gone = min(self._skip, len(buffer))
            del buffer[:gone]
            self._skip -= gone
            if self._skip:
                return None
        start = len(buffer) - len(buffer.lstrip(_BETWEEN))
        del buffer[:start]
        match = _COUNT.match(buffer)
        if match is None:
            if len(buffer) >= _UNDECIDED or (buffer and not buffer.isdigit()):
                self.counted = False
                return b""
            return None
        length, begin = int(match[0]), match.end()
        kept = min(length, LIMIT)
        if len(buffer) - begin < kept:
            return None
        message = bytes(buffer[begin : begin + kept])
        del buffer[: begin + kept]
        self._skip = length - kept
        self.cut += length > LIMIT
        return message.strip(_BETWEEN)

    def _line(self) -> bytes | None:
        buffer = self._buffer
        match = _ENDS.search(buffer)
        if match is None:
            if len(buffer) <= LIMIT:
                return None
            message = b"" if self._skip_line else bytes(buffer[:LIMIT])
            self.cut += not self._skip_line
            buffer.clear()
            self._skip_line = True
            return message
        message = bytes(buffer[: match.start()])
        del buffer[: match.end()]
        if self._skip_line:
            self._skip_line = False
            return b""
        self.cut += len(message) > LIMIT
        return message[:LIMIT].strip(_BETWEEN)
