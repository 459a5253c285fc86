"""Reads a UDP socket as fast as datagrams come, whatever else the process does: recvmmsg(2), on a thread of its own.

Python's own `recvfrom` gives up the interpreter's lock at every datagram and waits up to 5 ms to have it back while
another thread computes: some 200 datagrams a second then, and the kernel drops the rest, everybody's. One call for 64
of them that keeps the lock (`ctypes.PyDLL`) reads 50,000 a second beside two busy threads. Where there is no recvmmsg,
a loop of `recvfrom` does the same, slower.
"""

import ctypes
import os
import select
import socket
import struct
import threading
from collections.abc import Callable
from typing import Any

AT_ONCE = 64  # datagrams a call
_NAMES = 4096  # addresses remembered, to spare their decoding
_SOCKADDR = 28  # octets of a sockaddr_in6
_SO_MEMINFO = 55  # Linux; its ninth number is sk_drops
_DONTWAIT = getattr(socket, "MSG_DONTWAIT", 0)

Address = tuple[Any, ...]
Datagrams = list[tuple[Address, bytes]]


class _Vector(ctypes.Structure):
    _fields_ = (("base", ctypes.c_void_p), ("length", ctypes.c_size_t))


class _Header(ctypes.Structure):
    _fields_ = (
        ("name", ctypes.c_void_p),
        ("name_length", ctypes.c_uint32),
        ("vectors", ctypes.POINTER(_Vector)),
        ("vectors_length", ctypes.c_size_t),
        ("control", ctypes.c_void_p),
        ("control_length", ctypes.c_size_t),
        ("flags", ctypes.c_int),
    )


class _Message(ctypes.Structure):
    _fields_ = (("header", _Header), ("length", ctypes.c_uint))


class _Batch:
    """Room for AT_ONCE datagrams of `size` octets, and the call that fills it."""

    def __init__(self, opened: socket.socket, size: int, call: Any) -> None:
        self._fd, self._size, self._call = opened.fileno(), size, call
        self._data = ctypes.create_string_buffer(AT_ONCE * size)
        self._from = ctypes.create_string_buffer(AT_ONCE * _SOCKADDR)
        self._vectors = (_Vector * AT_ONCE)()
        self._messages = (_Message * AT_ONCE)()
        self._seen = memoryview(self._data)
        self._senders = memoryview(self._from)
        self._names: dict[bytes, Address] = {}
        for place in range(AT_ONCE):
            self._vectors[place] = _Vector(ctypes.addressof(self._data) + place * size, size)
            header = self._messages[place].header
            header.name = ctypes.addressof(self._from) + place * _SOCKADDR
            header.vectors, header.vectors_length = ctypes.pointer(self._vectors[place]), 1

    def read(self) -> Datagrams:
        for message in self._messages:
            message.header.name_length = _SOCKADDR
        came = self._call(self._fd, ctypes.byref(self._messages), AT_ONCE, _DONTWAIT, None)
        found = []
        for place in range(max(0, came)):
            message, start, name = self._messages[place], place * self._size, place * _SOCKADDR
            address = self._address(bytes(self._senders[name : name + message.header.name_length]))
            found.append((address, bytes(self._seen[start : start + message.length])))
        return found

    def _address(self, name: bytes) -> Address:
        known = self._names.get(name)
        if known is None:
            if len(self._names) >= _NAMES:
                self._names.clear()
            known = self._names[name] = _sockaddr(name)
        return known


def _sockaddr(name: bytes) -> Address:
    port = int.from_bytes(name[2:4], "big")
    if len(name) < _SOCKADDR:
        return socket.inet_ntop(socket.AF_INET, name[4:8]), port
    flow, scope = int.from_bytes(name[4:8], "big"), struct.unpack("=I", name[24:28])[0]
    return socket.inet_ntop(socket.AF_INET6, name[8:24]), port, flow, scope


class _OneByOne:
    """The same by `recvfrom`."""

    def __init__(self, opened: socket.socket, size: int) -> None:
        self._socket, self._size = opened, size

    def read(self) -> Datagrams:
        found: Datagrams = []
        while len(found) < AT_ONCE:
            try:
                datagram, address = self._socket.recvfrom(self._size)
            except OSError:  # BlockingIOError: that was all; else an ICMP error about an answer of ours
                break
            found.append((address, datagram))
        return found


def batch(opened: socket.socket, size: int) -> _Batch | _OneByOne:
    """Reads what waits in a non-blocking socket, at most AT_ONCE datagrams a `read`, each cut to `size` octets."""
    try:
        return _Batch(opened, size, ctypes.PyDLL(None).recvmmsg)
    except (AttributeError, OSError, TypeError):
        return _OneByOne(opened, size)


def lost(opened: socket.socket) -> int:
    """Datagrams that the kernel let go of since the socket was opened, modulo 2^32: its buffer was full."""
    try:
        return int(struct.unpack("9I", opened.getsockopt(socket.SOL_SOCKET, _SO_MEMINFO, 36))[8])
    except (OSError, struct.error):
        return 0


class Reader:
    """Hands each batch of datagrams to `take`, on its own thread, until it is stopped."""

    def __init__(self, opened: socket.socket, size: int, take: Callable[[Datagrams], None], name: str) -> None:
        self._socket, self._take = opened, take
        self._batch = batch(opened, size)
        self._wake_r, self._wake_w = os.pipe()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """What waits in the kernel is read first. Waits for the thread: a moment."""
        os.write(self._wake_w, b"\0")
        self._thread.join()
        self._drain()
        os.close(self._wake_r)
        os.close(self._wake_w)

    def _run(self) -> None:
        poll = select.poll()
        poll.register(self._socket.fileno(), select.POLLIN)
        poll.register(self._wake_r, select.POLLIN)
        while True:
            ready = [fd for fd, _ in poll.poll()]
            if self._wake_r in ready:
                return
            self._drain()

    def _drain(self) -> None:
        for _ in range(1024):  # bounded, so that a storm cannot keep a stop waiting
            found = self._batch.read()
            if not found:
                return
            self._take(found)
