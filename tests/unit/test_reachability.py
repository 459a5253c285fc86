"""ICMP and TCP on loopback: who answers, who does not, and what may not be asked."""

import asyncio
import errno
import socket
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.inventory.device import Device, Method, Polling
from agent.observation import Fact, Tier
from collectors import icmp, tcp
from collectors.collector import Collector


def permitted() -> bool:
    for kind in (socket.SOCK_DGRAM, socket.SOCK_RAW):
        try:
            socket.socket(socket.AF_INET, kind, socket.IPPROTO_ICMP).close()
        except PermissionError:
            continue
        return True
    return False


needs_icmp = pytest.mark.skipif(
    not permitted(), reason="ICMP is permitted neither by ping_group_range nor by CAP_NET_RAW"
)


def free_tcp_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@needs_icmp
async def test_many_hosts_answer_over_one_socket() -> None:
    pinger = icmp.Pinger()
    answers = await pinger.sweep([f"127.0.{n // 200}.{n % 200 + 1}" for n in range(400)], 5)
    pinger.close()
    assert {len(echoes.rtts) for echoes in answers.values()} == {3} and len(answers) == 400
    assert all(0 <= rtt < 5000 for echoes in answers.values() for rtt in echoes.rtts)


@needs_icmp
async def test_a_pinger_that_was_closed_over_a_sweep_can_sweep_again() -> None:
    pinger = icmp.Pinger()
    broken_off = asyncio.create_task(pinger.sweep(["127.0.0.1"], within=30, gap=0.2))
    await asyncio.sleep(0.1)
    broken_off.cancel()
    pinger.close()
    await asyncio.sleep(0.2)  # until the timer of before would have come
    try:
        async with asyncio.timeout(10):
            assert (await pinger.ping("127.0.0.1", within=5, count=2)).loss_pct == 0
    finally:
        pinger.close()


@pytest.fixture
def nobody_at_66(monkeypatch: pytest.MonkeyPatch) -> None:
    """On loopback everybody answers: here what 127.0.0.66 says is not believed."""
    asked = icmp._Sweep.asked
    monkeypatch.setattr(
        icmp._Sweep, "asked", lambda sweep, n, address: address != "127.0.0.66" and asked(sweep, n, address)
    )


@needs_icmp
async def test_one_that_is_silent_keeps_nobody_waiting_and_is_told_from_one_that_answers(nobody_at_66: None) -> None:
    pinger = icmp.Pinger()
    silent = asyncio.create_task(pinger.ping("127.0.0.66", 0.3, count=2, gap=0.01))
    answers = await pinger.ping("127.0.0.1", 5)
    assert not silent.done()
    both = await pinger.sweep(["127.0.0.66", "127.0.0.1"], 0.1)
    nothing = await silent
    pinger.close()
    assert len(answers.rtts) == 3 and answers.loss_pct == 0
    assert nothing == icmp.Echoes(2) and nothing.loss_pct == 100
    assert {address: len(echoes.rtts) for address, echoes in both.items()} == {"127.0.0.66": 0, "127.0.0.1": 3}


@needs_icmp
async def test_a_sweep_that_is_broken_off_leaves_nothing_behind(nobody_at_66: None) -> None:
    pinger = icmp.Pinger()
    sweep = asyncio.create_task(pinger.sweep(["127.0.0.66", "127.0.0.1"], 30))
    await asyncio.sleep(0.05)
    sweep.cancel()
    await asyncio.gather(sweep, return_exceptions=True)
    answers = await pinger.ping("127.0.0.1", 5)
    left = dict(pinger._sweeps)
    pinger.close()
    assert left == {} and len(answers.rtts) == 3


@given(st.lists(st.floats(0.001, 5000), max_size=20), st.integers(20, 30))
def test_loss_and_jitter_are_what_the_round_trips_say(rtts: list[float], sent: int) -> None:
    echoes = icmp.Echoes(sent, tuple(rtts))
    assert echoes.loss_pct == pytest.approx(100 - 100 * len(rtts) / sent)
    assert (echoes.jitter is None) == (len(rtts) < 2)
    if rtts:
        assert min(rtts) <= echoes.mean * (1 + 1e-9) and echoes.mean <= max(rtts) * (1 + 1e-9)
        assert (echoes.jitter or 0) <= max(rtts) - min(rtts) + 1e-9


def test_an_even_round_trip_has_no_jitter() -> None:
    assert icmp.Echoes(3, (7.0, 7.0, 7.0)).jitter == 0
    assert icmp.Echoes(3, (1.0, 4.0, 2.0)).jitter == 2.5


@needs_icmp
async def test_ipv6_answers_too() -> None:
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
            probe.bind(("::1", 0))
    except OSError:
        pytest.skip("this machine has no IPv6 loopback")
    pinger = icmp.Pinger()
    echoes = await pinger.ping("::1", 5)
    pinger.close()
    assert len(echoes.rtts) == 3


@needs_icmp
async def test_a_raw_socket_answers_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    real = socket.socket

    def no_datagrams(family: int, kind: int, protocol: int = 0) -> socket.socket:
        if kind == socket.SOCK_DGRAM:
            raise PermissionError(errno.EACCES, "not in ping_group_range")
        return real(family, kind, protocol)

    try:
        real(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP).close()
    except PermissionError:
        pytest.skip("needs root (CAP_NET_RAW)")
    monkeypatch.setattr(icmp.socket, "socket", no_datagrams)
    pinger = icmp.Pinger()
    echoes = await pinger.ping("127.0.0.9", 5)
    pinger.close()
    assert len(echoes.rtts) == 3


async def test_what_the_kernel_does_not_permit_is_a_failure_and_not_a_device_that_is_down(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refused(*_: object) -> socket.socket:
        raise PermissionError(errno.EPERM, "no")

    device = Device(name="d", address="127.0.0.1", customer="c", site="s", reachability=(Method.ICMP,))
    collector = Collector(secret=lambda _: "")
    monkeypatch.setattr(icmp.socket, "socket", refused)
    batch = await collector.poll(device, Tier.STATUS)
    monkeypatch.undo()
    await collector.close()
    assert batch.failures == ("not_permitted",) and batch.observations == ()


async def test_a_port_that_accepts_is_reachable_and_one_that_refuses_is_not() -> None:
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
    open_port = server.sockets[0].getsockname()[1]
    accepted = await tcp.connect("127.0.0.1", open_port, 5)
    refused = await tcp.connect("127.0.0.1", free_tcp_port(), 5)
    server.close()
    await server.wait_closed()
    assert accepted.rtt_ms is not None and accepted.cause == ""
    assert refused == tcp.Connection(None, "refused")


@needs_icmp
async def test_every_way_that_counts_is_tried_and_merged_in_one_batch() -> None:
    device = Device(
        name="d", address="127.0.0.1", customer="c", site="s", reachability=(Method.ICMP, Method.TCP),
        tcp_port=free_tcp_port(), polling=Polling(timeout=timedelta(seconds=5)),
    )  # fmt: skip
    collector = Collector(secret=lambda _: "")
    batch = await collector.poll(device, Tier.STATUS)
    await collector.close()
    told = {o.fact: o.value for o in batch.observations}
    assert told[Fact.ICMP_REACHABLE] is True and told[Fact.TCP_REACHABLE] is False and told[Fact.LOSS] == 0.0
    assert told[Fact.RTT_MIN] <= told[Fact.RTT] <= told[Fact.RTT_MAX] and told[Fact.JITTER] >= 0  # type: ignore[operator]
