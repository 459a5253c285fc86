"""A storm is shed where it costs least."""

import socket
import sys

import pytest

from collectors import reader, shedding
from collectors.shedding import Shedder


def test_a_source_of_twice_the_rate_is_shed_so_that_about_the_rate_comes_through():
    shedder = Shedder(rate=1000)
    assert not shedder.begin("192.0.2.1", 1999.0, 2000, 0.0)
    assert shedder.begin("192.0.2.1", 50_000.0, 2000, 0.0)
    assert shedder.one_in == {"192.0.2.1": 50}
    assert not shedder.begin("192.0.2.1", 50_000.0, 2000, 0.0)


def test_how_much_is_shed_follows_the_storm_and_ends_with_it():
    shedder = Shedder(rate=1000)
    shedder.begin("192.0.2.1", 50_000.0, 2000, 0.0)
    assert shedder.adjust({"192.0.2.1": 2500}, 24_500, 1.0) == {"192.0.2.1": 24_500}
    assert shedder.one_in == {"192.0.2.1": 25}
    assert shedder.adjust({"192.0.2.1": 2510}, 240, 1.3) == {"192.0.2.1": 240}
    assert shedder.one_in == {"192.0.2.1": 25}, "too soon to tell"
    shedder.adjust({"192.0.2.1": 2540}, 960, 2.0)
    assert shedder.one_in == {}


def test_what_was_lost_is_shared_out_by_what_came_through():
    shedder = Shedder(rate=10)
    shedder.begin("192.0.2.1", 100.0, 0, 0.0)
    shedder.begin("192.0.2.2", 300.0, 0, 0.0)
    shares = shedder.adjust({"192.0.2.1": 10, "192.0.2.2": 10}, 1000, 1.0)
    assert 700 < shares["192.0.2.2"] < 800 and 200 < shares["192.0.2.1"] < 300 and sum(shares.values()) <= 1000


def test_only_so_many_addresses_are_shed_and_nothing_that_is_none():
    shedder = Shedder(rate=1)
    assert not shedder.begin("", 1000.0, 0, 0.0)
    assert sum(shedder.begin(f"192.0.2.{n}", 1000.0, 0, 0.0) for n in range(50)) == shedding.MOST


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel sheds on Linux")
@pytest.mark.parametrize(
    ("family", "loud", "quiet"),
    [
        (socket.AF_INET, "127.0.0.1", "127.0.0.2"),
        (socket.AF_INET6, "127.0.0.1", "::1"),
        (socket.AF_INET6, "::1", "127.0.0.2"),
    ],
)
def test_the_kernel_drops_of_the_loud_one_alone_and_counts_it(family, loud, quiet):
    with socket.socket(family, socket.SOCK_DGRAM) as opened:
        opened.setblocking(False)
        if family == socket.AF_INET6:
            opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        opened.bind(("::" if family == socket.AF_INET6 else "127.0.0.1", 0))
        assert shedding.attach(opened, {"192.0.2.1": 7, "2001:db8::1": 7, loud: 10})
        port, read = opened.getsockname()[1], reader.batch(opened, 100)
        heard = {loud: 0, quiet: 0}

        def say(source: str, times: int) -> None:
            kind = socket.AF_INET6 if ":" in source else socket.AF_INET
            with socket.socket(kind, socket.SOCK_DGRAM) as sender:
                sender.bind((source, 0))
                for _ in range(times):
                    sender.sendto(b"x", ("::1" if ":" in source else "127.0.0.1", port))
                    for address, _ in read.read():
                        heard[address[0].removeprefix("::ffff:")] += 1

        say(loud, 2000)
        say(quiet, 200)
        assert heard[quiet] == 200 and 100 < heard[loud] < 320
        assert heard[loud] + reader.lost(opened) == 2000
        assert shedding.attach(opened, {})
        say(loud, 100)
        assert heard[loud] + reader.lost(opened) == 2100
