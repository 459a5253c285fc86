"""Ports and loopback addresses that no other test uses at the moment."""

import os
import random
import socket


def free_port(*, udp: bool = False) -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM if udp else socket.SOCK_STREAM) as held:
        held.bind(("0.0.0.0", 0))
        return int(held.getsockname()[1])


def loopback_prefix() -> str:
    """Three numbers of a loopback network for the devices of one demonstration network: `127.77.3.`."""
    chance = random.Random(f"{os.getpid()}{os.urandom(4).hex()}")
    return f"127.{chance.randint(2, 250)}.{chance.randint(0, 250)}."
