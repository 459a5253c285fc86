"""A TCP port that can go dark: while dark it neither accepts nor refuses, as the port of a device without power.

Closing the port would not do: the kernel then refuses, which tells the other side that somebody is alive. A listening
socket whose queue is full lets the kernel drop what comes instead.
"""

import asyncio
import socket

from agent.errors import ListenError


def listening(address: tuple[str, int], backlog: int = 64) -> socket.socket:
    """Raises ListenError when the port is taken."""
    it = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        it.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        it.bind(address)
        it.listen(backlog)
    except OSError as error:
        it.close()
        raise ListenError(f"the demonstration network cannot use TCP {address}: {error.strerror}") from error
    it.setblocking(False)
    return it


class Darkness:
    """Holds the address, with a full queue, until lifted."""

    def __init__(self) -> None:
        self._sockets: list[socket.socket] = []

    async def fall(self, address: tuple[str, int]) -> None:
        self._sockets.append(listening(address, backlog=0))
        for _ in range(2):  # Linux takes one connection more than the backlog says
            filler = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            filler.setblocking(False)
            filler.connect_ex(address)
            self._sockets.append(filler)
        await asyncio.sleep(0.01)

    def lift(self) -> None:
        for it in self._sockets:
            it.close()
        self._sockets.clear()
