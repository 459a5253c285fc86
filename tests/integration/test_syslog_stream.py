"""Syslog over TCP and TLS, spoken by logger(1), rsyslog and OpenSSL."""

import asyncio
import ssl
import subprocess
from asyncio.subprocess import DEVNULL, PIPE
from pathlib import Path

import pytest

from agent.errors import ListenError
from agent.observation import Event
from collectors.syslog import stream
from collectors.syslog.listener import SyslogListener
from collectors.syslog.stream import Certificates, StreamPort
from tests.conftest import program

LOOPBACK = ("127.0.0.1", 0)
MODULES = Path("/usr/lib/x86_64-linux-gnu/rsyslog"), Path("/usr/lib/aarch64-linux-gnu/rsyslog")


@pytest.fixture
async def heard():
    events: list[Event] = []
    listener = SyslogListener("127.0.0.1", 0, lambda address: {"127.0.0.1": "sw1"}.get(address, ""), tcp=LOOPBACK)
    await listener.start(events.append)
    yield listener, events
    await listener.stop()


@pytest.fixture(scope="module")
def pems(tmp_path_factory) -> Path:
    """An authority, a server's and a client's certificate, made by openssl(1)."""
    folder = tmp_path_factory.mktemp("pems")
    if program("openssl") is None:
        pytest.skip("openssl is not installed (Debian package openssl)")

    def run(*arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)

    ec = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2")
    run("req", "-x509", *ec, "-subj", "/CN=ca", "-keyout", "ca.key", "-out", "ca.pem")
    for name in ("server", "client"):
        run("req", *ec[:-2], "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.csr")
        run(
            *("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial"),
            *("-days", "2", "-out", f"{name}.pem"),
        )
    return folder


async def until(condition, seconds=10.0):
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def say(to, octets: bytes, **tls) -> None:
    _, writer = await asyncio.open_connection(*to, **tls)
    writer.write(octets)
    await writer.drain()
    writer.close()
    await writer.wait_closed()


async def test_tcp_listens_on_the_port_of_udp(heard):
    listener, events = heard
    assert listener.tcp == listener.address
    await say(listener.tcp, b"<189>1: sw1: %LINK-3-UPDOWN: Interface Gi0/1, changed state to down\n<13>two\n")
    await until(lambda: len(events) == 2)
    assert (events[0].device, events[0].name, events[1].text) == ("sw1", "link_down", "two")


@pytest.mark.system("logger")
@pytest.mark.parametrize("options", [["--rfc3164"], ["--rfc5424"], ["--octet-count"], ["--rfc3164", "--octet-count"]])
async def test_loggers_own_streams_are_understood(heard, options):
    listener, events = heard
    host, port = listener.tcp
    command = ["logger", "-T", *options, "-n", host, "-P", str(port), "-p", "local3.warning", "-t", "bgpd", "--", "x y"]
    process = await asyncio.create_subprocess_exec(*command)
    assert await process.wait() == 0
    await until(lambda: events)
    assert (events[0].severity.value, events[0].facility, events[0].data["app"]) == ("warning", "local3", "bgpd")
    assert events[0].text.endswith("x y") and len(events) == 1


def rsyslog(folder: Path, to, more: str = "", modules: str = "") -> list[str]:
    """An rsyslogd of its own that forwards what a file holds."""
    (folder / "work").mkdir()
    (folder / "input.log").write_text("".join(f"line {n} of a file\n" for n in range(50)))
    (folder / "rsyslog.conf").write_text(
        f'global(workDirectory="{folder}/work"{modules})\n'
        'module(load="imfile" PollingInterval="1")\n'
        f'input(type="imfile" File="{folder}/input.log" Tag="lines:" Severity="error" Facility="local1")\n'
        f'action(type="omfwd" Target="{to[0]}" Port="{to[1]}" Protocol="tcp" {more})\n'
    )
    return [program("rsyslogd"), "-n", "-f", f"{folder}/rsyslog.conf", "-i", f"{folder}/pid"]


async def forwarded(command: list[str], events: list[Event]) -> None:
    process = await asyncio.create_subprocess_exec(*command, stdout=DEVNULL, stderr=PIPE)
    try:
        await until(lambda: len(events) >= 50, 15)
    finally:
        process.terminate()
        await process.communicate()
    assert sorted(int(event.text.split()[1]) for event in events) == list(range(50))
    assert {(event.severity.value, event.facility, event.data["app"]) for event in events} == {
        ("error", "local1", "lines")
    }


@pytest.mark.system("rsyslogd")
@pytest.mark.parametrize(
    "more", ['TCP_Framing="traditional"', 'TCP_Framing="octet-counted" template="RSYSLOG_SyslogProtocol23Format"']
)
async def test_rsyslog_forwards_over_tcp_in_both_framings(heard, tmp_path, more):
    listener, events = heard
    await forwarded(rsyslog(tmp_path, listener.tcp, more), events)


@pytest.mark.system("rsyslogd", "openssl")
async def test_rsyslog_forwards_over_tls_with_a_certificate_of_its_own(pems, tmp_path):
    if not any((folder / "lmnsd_ossl.so").exists() for folder in MODULES):
        pytest.skip("rsyslog speaks no TLS (Debian package rsyslog-openssl)")
    events: list[Event] = []
    certificates = Certificates(pems / "server.pem", pems / "server.key", pems / "ca.pem")
    listener = SyslogListener("127.0.0.1", 0, (lambda _: ""), tls=LOOPBACK, certificates=certificates)
    await listener.start(events.append)
    modules = (
        f' DefaultNetstreamDriver="ossl" DefaultNetstreamDriverCAFile="{pems}/ca.pem"'
        f' DefaultNetstreamDriverCertFile="{pems}/client.pem" DefaultNetstreamDriverKeyFile="{pems}/client.key"'
    )
    more = (
        'StreamDriver="ossl" StreamDriverMode="1" StreamDriverAuthMode="x509/name" StreamDriverPermittedPeers="server"'
        ' TCP_Framing="octet-counted" template="RSYSLOG_SyslogProtocol23Format"'
    )
    await forwarded(rsyslog(tmp_path, listener.tls, more, modules), events)
    await listener.stop()


@pytest.mark.system("openssl")
async def test_openssl_is_heard_with_the_right_certificate_and_refused_without(pems):
    events: list[Event] = []
    certificates = Certificates(pems / "server.pem", pems / "server.key", pems / "ca.pem")
    listener = SyslogListener("127.0.0.1", 0, (lambda _: ""), tls=LOOPBACK, certificates=certificates)
    await listener.start(events.append)
    client = ["openssl", "s_client", "-quiet", "-connect", "{}:{}".format(*listener.tls), "-CAfile", "ca.pem"]
    for arguments in ([], ["-cert", "client.pem", "-key", "client.key"]):
        process = await asyncio.create_subprocess_exec(
            *client, *arguments, cwd=pems, stdin=PIPE, stdout=DEVNULL, stderr=DEVNULL
        )
        said = f"with {len(arguments)}"
        process.stdin.write(f"{len(said) + 4} <13>{said}\n".encode())
        await until(lambda: events or listener._tls.refused["tls"])
        if arguments:
            await until(lambda: events)
            process.terminate()
        await process.communicate()
    await until(lambda: listener._tls.refused["tls"] == 1)
    assert [event.text for event in events] == ["with 4"]
    await listener.stop()


async def test_plain_text_on_the_tls_port_is_refused_and_the_next_is_heard(pems):
    events: list[Event] = []
    listener = SyslogListener(
        "127.0.0.1",
        0,
        (lambda _: ""),
        tls=LOOPBACK,
        certificates=Certificates(pems / "server.pem", pems / "server.key"),
    )
    await listener.start(events.append)
    await say(listener.tls, b"<13>in the clear\n")
    trusting = ssl.create_default_context(cafile=str(pems / "ca.pem"))
    trusting.check_hostname = False
    await say(listener.tls, b"<13>hidden\n", ssl=trusting)
    await until(lambda: events)
    assert [event.text for event in events] == ["hidden"] and listener._tls.refused["tls"] == 1
    await listener.stop()


async def test_certificates_that_cannot_be_used_are_named(pems, tmp_path):
    (tmp_path / "empty.pem").write_text("")
    for certificates, told in [
        (Certificates(tmp_path / "none.pem"), r"none\.pem cannot be read: no such file"),
        (Certificates(pems / "server.pem", tmp_path / "none.key"), r"none\.key cannot be read: no such file"),
        (Certificates(tmp_path), r"cannot be read: is a directory"),
        (Certificates(pems / "server.pem", pems / "client.key"), r"server\.pem and .*client\.key cannot be used"),
        (Certificates(pems / "server.pem", pems / "server.key", tmp_path / "empty.pem"), r"empty\.pem cannot be used"),
    ]:
        listener = SyslogListener("127.0.0.1", 0, (lambda _: ""), tls=LOOPBACK, certificates=certificates)
        with pytest.raises(ListenError, match=told):
            await listener.start(lambda _: None)


async def test_a_source_holds_only_so_many_connections_and_others_are_still_heard(monkeypatch):
    monkeypatch.setattr(stream, "PER_SOURCE", 2)
    lines: list[bytes] = []
    port = StreamPort(*LOOPBACK)
    await port.open(lambda source, line, arrived: lines.append(line))
    held = [await asyncio.open_connection(*port.address) for _ in range(3)]
    assert await asyncio.wait_for(held[2][0].read(), 5) == b""
    await say(port.address, b"<13>other\n", local_addr=("127.0.0.2", 0))
    await until(lambda: lines == [b"<13>other"])
    assert port.refused["crowded"] == 1
    for _, writer in held:
        writer.close()
    await port.close()


async def test_who_says_nothing_is_let_go(monkeypatch):
    monkeypatch.setattr(stream, "FIRST_S", 0.05)
    port = StreamPort(*LOOPBACK)
    await port.open(lambda *_: None)
    reader, writer = await asyncio.open_connection(*port.address)
    assert await asyncio.wait_for(reader.read(), 5) == b""
    writer.close()
    await port.close()


async def test_a_line_that_cannot_be_handed_on_costs_only_itself():
    problems, lines = [], []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: problems.append(context))
    port = StreamPort(*LOOPBACK)
    await port.open(lambda source, line, arrived: lines.append(line) if line != b"<13>bad" else 1 / 0)
    await say(port.address, b"<13>one\n<13>bad\n<13>two\n")
    await until(lambda: len(lines) == 2)
    assert lines == [b"<13>one", b"<13>two"] and len(problems) == 1
    await port.close()


async def test_a_taken_port_is_told_in_a_sentence(heard):
    listener, _ = heard
    second = SyslogListener("127.0.0.1", 0, (lambda _: ""), tcp=listener.tcp)
    with pytest.raises(ListenError, match=r"TCP port \d+ on 127.0.0.1 is taken by another program"):
        await second.start(lambda _: None)


async def test_a_relay_s_line_is_the_device_s_that_it_names():
    events: list[Event] = []
    listener = SyslogListener(
        "127.0.0.1", 0, (lambda _: ""), named=lambda host: {"core1": "core1"}.get(host, ""), tcp=LOOPBACK
    )
    await listener.start(events.append)
    await say(listener.tcp, b"<189>Nov 22 01:02:03 core1 bgpd[1]: up\n<189>Nov 22 01:02:03 nobody bgpd[1]: up\n")
    await until(lambda: len(events) == 2)
    assert [event.device or "" for event in events] == ["core1", ""] and events[0].sender == "127.0.0.1"
    await listener.stop()
