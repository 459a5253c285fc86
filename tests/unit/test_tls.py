"""Certificates are read from real TLS servers on loopback: good ones, old ones, and those that mean harm."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from agent.inventory.device import Device
from agent.observation import Batch, ComponentKind, Fact, Subject, Tier
from collectors import tls
from collectors.collector import Collector

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def made(name: str, ends: datetime, into: Path) -> Path:
    """A self-signed certificate with its key, in one PEM file."""
    key = ec.generate_private_key(ec.SECP256R1())
    called = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)] if name else [])
    signed = (
        x509.CertificateBuilder()
        .subject_name(called)
        .issuer_name(called)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(ends - timedelta(days=400))
        .not_valid_after(ends)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file = into / f"{len(list(into.iterdir()))}.pem"
    file.write_bytes(signed.public_bytes(serialization.Encoding.PEM) + secret)
    return file


async def hold(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()


def server_side(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@asynccontextmanager
async def serving(talk: Serve, certificate: Path | ssl.SSLContext | None = None) -> AsyncIterator[int]:
    context = server_side(certificate) if isinstance(certificate, Path) else certificate
    talks: set[asyncio.Task[None]] = set()

    async def spoken(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if task := asyncio.current_task():
            talks.add(task)
        try:
            await talk(reader, writer)
        except OSError:
            pass
        finally:
            writer.transport.abort()

    server = await asyncio.start_server(spoken, "127.0.0.1", 0, ssl=context)
    try:
        yield int(server.sockets[0].getsockname()[1])
    finally:
        server.close()
        await asyncio.gather(*talks, return_exceptions=True)


ENDS = datetime(2031, 5, 6, 7, 8, 9, tzinfo=UTC)


@pytest.mark.parametrize("name", ["router.example.net", "核心交换机", ""])
async def test_the_end_and_the_name_of_a_certificate_are_read(name: str, tmp_path: Path) -> None:
    async with serving(hold, made(name, ENDS, tmp_path)) as port:
        assert await tls.certificate("127.0.0.1", port, "router_1", 10) == tls.Certificate(ENDS.isoformat(), name)


async def test_a_certificate_that_has_ended_is_what_we_came_for(tmp_path: Path) -> None:
    ended = datetime(2019, 1, 1, tzinfo=UTC)
    async with serving(hold, made("old", ended, tmp_path)) as port:
        assert (await tls.certificate("127.0.0.1", port, "old", 10)).ends == ended.isoformat()


async def test_the_certificate_of_the_name_that_is_asked_for_is_shown(tmp_path: Path) -> None:
    plain, wanted = made("default", ENDS, tmp_path), made("fw-1", ENDS, tmp_path)
    context, inner = server_side(plain), server_side(wanted)
    asked: list[str | None] = []

    def choose(sock: ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> None:
        asked.append(name)
        sock.context = inner

    context.sni_callback = choose  # type: ignore[assignment]
    async with serving(hold, context) as port:
        shown = await tls.certificate("127.0.0.1", port, "fw-1", 10)
    assert (shown.name, asked) == ("fw-1", ["fw-1"])


async def flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Records of nothing, without end."""
    while True:
        writer.write(b"\x16\x03\x03\x40\x00" + bytes(16384))
        await writer.drain()


async def banner(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"SSH-2.0-OpenSSH_9.2\r\n")
    await hold(reader, writer)


async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()


@pytest.mark.parametrize(("talk", "cause"), [(hold, "timeout"), (flood, ""), (banner, "no TLS"), (hang_up, "")])
async def test_a_port_that_speaks_no_tls_is_told_with_its_reason_and_in_time(talk: Serve, cause: str) -> None:
    began = asyncio.get_running_loop().time()
    async with serving(talk) as port:
        shown = await tls.certificate("127.0.0.1", port, "d", 0.5)
    assert shown.ends == "" and shown.cause.startswith(cause) and shown.cause
    assert asyncio.get_running_loop().time() - began < 10


async def test_a_port_where_nobody_listens_refuses() -> None:
    async with serving(hold) as port:
        pass
    assert (await tls.certificate("127.0.0.1", port, "d", 5)).cause == "refused"


@given(st.binary(max_size=400))
def test_octets_that_are_no_certificate_are_told(octets: bytes) -> None:
    assert tls.read(octets).cause


@given(data=st.data())
def test_a_certificate_with_octets_changed_never_raises(data: st.DataObject, whole: bytes) -> None:
    broken = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 4))):
        broken[data.draw(st.integers(0, len(broken) - 1))] = data.draw(st.integers(0, 255))
    shown = tls.read(bytes(broken))
    assert bool(shown.ends) != bool(shown.cause) and len(shown.name) <= 64 and shown.name.isprintable()


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    file = made("router.example.net", ENDS, tmp_path_factory.mktemp("whole"))
    return x509.load_pem_x509_certificate(file.read_bytes()).public_bytes(serialization.Encoding.DER)


def test_an_enormous_certificate_is_not_looked_into() -> None:
    assert "octets" in tls.read(bytes(tls.OCTETS + 1)).cause


def test_names_are_made_harmless(tmp_path: Path) -> None:
    hostile = made("a\nb\x1b[31m‮c", ENDS, tmp_path)
    shown = tls.read(x509.load_pem_x509_certificate(hostile.read_bytes()).public_bytes(serialization.Encoding.DER))
    assert shown.name == "a b [31mc"


# ---------------------------------------------------------------- as a part of a poll


async def polled(ports: tuple[int, ...], tier: Tier = Tier.IDENTITY) -> Batch:
    collector = Collector(secret=lambda secret: secret.reference)
    device = Device(name="d", address="127.0.0.1", customer="c", site="s", reachability=(), certificate_ports=ports)
    try:
        return await collector.poll(device, tier)
    finally:
        await collector.close()


async def test_a_device_is_asked_for_its_certificates_with_its_identity(tmp_path: Path) -> None:
    async with serving(hold, made("www", ENDS, tmp_path)) as good, serving(banner) as bad:
        told, states = await polled((good, bad)), await polled((good,), Tier.STATUS)
    subject = Subject("d", ComponentKind.CERTIFICATE, f"127.0.0.1:{good}")
    assert [(o.subject, o.fact, o.value, o.detail) for o in told.observations] == [
        (subject, Fact.EXPIRES, ENDS.isoformat(), "www")
    ]
    assert [(r.subject.name, r.reason[:6]) for r in told.refused] == [(f"127.0.0.1:{bad}", "no TLS")]
    assert told.failures == () and ComponentKind.CERTIFICATE not in told.complete
    assert states.observations == ()


async def test_certificates_that_all_were_read_are_complete(tmp_path: Path) -> None:
    async with serving(hold, made("www", ENDS, tmp_path)) as port:
        assert ComponentKind.CERTIFICATE in (await polled((port,))).complete
