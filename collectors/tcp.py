"""Reachability by TCP: the port accepts a connection.

A refused connection proves that the host lives, but not what was asked: the operator named a port because the service
behind it counts. So `refused` is not reachable here, and the cause is told apart from silence.
"""

import asyncio
import contextlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Connection:
    """`rtt_ms` is None when the port did not accept; `cause` says why: refused, timeout, unreachable, no_such_host."""

    rtt_ms: float | None
    cause: str = ""


async def connect(address: str, port: int, within: float) -> Connection:
    loop = asyncio.get_running_loop()
    began = loop.time()
    try:
        async with asyncio.timeout(within):
            _, writer = await asyncio.open_connection(address, port)
    except ConnectionRefusedError:
        return Connection(None, "refused")
    except TimeoutError:
        return Connection(None, "timeout")
    except OSError as error:
        return Connection(None, "no_such_host" if error.errno is None or error.errno < 0 else "unreachable")
    took = (loop.time() - began) * 1000
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return Connection(took)


def place(address: str, port: int) -> str:
    """`192.0.2.1:443`, `[2001:db8::1]:443`."""
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
