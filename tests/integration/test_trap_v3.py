"""SNMPv3 notifications of net-snmp's own snmptrap: every protocol, informs with discovery, and who is refused."""

import asyncio

import pytest

from agent.inventory.device import Secret, SnmpAccess
from agent.observation import ComponentKind, Event, Subject
from collectors.snmp.traps.believed import believed
from collectors.snmp.traps.listener import TrapListener
from collectors.snmp.traps.message import Reason

pytestmark = pytest.mark.system("snmptrap")

LINK_DOWN = ["1.3.6.1.6.3.1.1.5.3", "1.3.6.1.2.1.2.2.1.1.7", "i", "7", "1.3.6.1.2.1.31.1.1.1.1.7", "s", "Gi0/7"]
ENGINE = "0x8000000001020304"
SECRETS = {"env:AUTH": "authpass1", "env:PRIV": "privpass1"}
NET_SNMP = {"": "", "md5": "MD5", "sha1": "SHA", "sha224": "SHA-224", "sha256": "SHA-256", "sha384": "SHA-384"}
NET_SNMP |= {"sha512": "SHA-512", "des": "DES", "aes128": "AES", "aes192": "AES-192", "aes256": "AES-256"}
PROTOCOLS = [
    ("", ""),
    ("md5", ""),
    ("sha1", ""),
    ("sha224", ""),
    ("sha256", ""),
    ("sha384", ""),
    ("sha512", ""),
    ("md5", "des"),
    ("sha1", "aes128"),
    ("sha256", "aes128"),
    ("sha512", "aes256"),
    ("sha256", "aes192"),
]


def user(auth: str = "", priv: str = "") -> SnmpAccess:
    return SnmpAccess(
        version="v3",
        user=f"{auth or 'no'}{priv or 'no'}",
        auth_protocol=auth,
        auth=Secret("env:AUTH") if auth else None,
        priv_protocol=priv,
        priv=Secret("env:PRIV") if priv else None,
    )


USERS = [("127.0.0.1", user(auth, priv)) for auth, priv in PROTOCOLS]


@pytest.fixture
async def heard():
    events: list[Event] = []
    known = believed(USERS, lambda secret: SECRETS[str(secret)])
    listener = TrapListener("127.0.0.1", 0, lambda address: {"127.0.0.1": "sw1"}.get(address, ""), known)
    await listener.start(events.append)
    yield listener, events
    await listener.stop()


async def until(condition, seconds=8.0):
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def snmptrap(listener: TrapListener, *options: str, auth: str = "", priv: str = "", **told: str) -> int:
    """Our own secrets on a command line: they are the test's."""
    level = "authPriv" if priv else "authNoPriv" if auth else "noAuthNoPriv"
    line = ["snmptrap", "-v3", "-m", "", "-t", "5", "-r", "0", "-u", told.get("user", f"{auth or 'no'}{priv or 'no'}")]
    line += ["-l", level]
    line += ["-a", NET_SNMP[auth], "-A", told.get("auth_key", "authpass1")] if auth else []
    line += ["-x", NET_SNMP[priv], "-X", told.get("priv_key", "privpass1")] if priv else []
    host, port = listener.address
    process = await asyncio.create_subprocess_exec(
        *line, *options, f"{host}:{port}", "", *LINK_DOWN, stderr=asyncio.subprocess.PIPE
    )
    _, complaint = await process.communicate()
    if b"Unsupported" in complaint or b"Invalid" in complaint:
        pytest.skip(f"this net-snmp was built without {auth} or {priv}")
    return process.returncode or 0


@pytest.mark.parametrize(("auth", "priv"), PROTOCOLS)
async def test_a_trap_is_read_with_every_protocol(heard, auth, priv):
    listener, events = heard
    assert await snmptrap(listener, "-e", ENGINE, auth=auth, priv=priv) == 0
    await until(lambda: events)
    assert (events[0].name, events[0].subject) == ("link_down", Subject("sw1", ComponentKind.INTERFACE, "Gi0/7"))
    assert events[0].data["user"] == f"{auth or 'no'}{priv or 'no'}" and listener.refused == {}


@pytest.mark.parametrize(("auth", "priv"), PROTOCOLS)
async def test_an_inform_discovers_us_and_is_answered_with_every_protocol(heard, auth, priv):
    listener, events = heard
    assert await snmptrap(listener, "-Ci", auth=auth, priv=priv) == 0
    assert [event.name for event in events] == ["link_down"]
    assert listener.refused == {}


async def test_a_wrong_password_is_counted_told_and_not_believed(heard):
    listener, events = heard
    assert await snmptrap(listener, "-e", ENGINE, auth="sha1", priv="aes128", auth_key="wrongpass1") == 0
    await until(lambda: events)
    assert [(event.name, event.data["reason"]) for event in events] == [("trap_refused", "wrong_key")]
    assert listener.refused == {("127.0.0.1", Reason.WRONG_KEY): 1}
    assert "authpass1" not in repr(vars(listener)) and "authpass1" not in repr(listener._security)


async def test_a_wrong_privacy_password_is_told_as_that(heard):
    listener, events = heard
    assert await snmptrap(listener, "-e", ENGINE, auth="sha1", priv="aes128", priv_key="wrongpass1") == 0
    await until(lambda: events)
    assert events[0].data["reason"] == "cannot_decrypt"


async def test_an_unknown_user_is_told_by_name_of_reason_and_sender(heard):
    listener, events = heard
    assert await snmptrap(listener, "-e", ENGINE, auth="sha1", user="stranger") == 0
    await until(lambda: events)
    assert (events[0].sender, events[0].data["reason"]) == ("127.0.0.1", "unknown_user")


async def test_a_user_with_a_password_must_sign(heard):
    listener, events = heard
    assert await snmptrap(listener, "-e", ENGINE, user="sha1aes128") == 0
    await until(lambda: events)
    assert events[0].data["reason"] == "security_level"


async def test_an_inform_with_a_wrong_password_gets_a_report_and_no_answer(heard):
    listener, events = heard
    assert await snmptrap(listener, "-Ci", auth="sha256", priv="aes128", auth_key="wrongpass1") != 0
    assert [event.data["reason"] for event in events] == ["wrong_key"]


async def test_an_engine_whose_boots_went_back_is_refused_as_replayed(heard):
    listener, events = heard
    assert await snmptrap(listener, "-e", ENGINE, "-Z", "9,1000", auth="sha1") == 0
    await until(lambda: len(events) == 1)
    assert await snmptrap(listener, "-e", ENGINE, "-Z", "8,5000", auth="sha1") == 0
    await until(lambda: len(events) == 2)
    assert await snmptrap(listener, "-e", ENGINE, "-Z", "9,700", auth="sha1") == 0
    await until(lambda: listener.unreadable == 2)
    assert await snmptrap(listener, "-e", ENGINE, "-Z", "10,5", auth="sha1") == 0
    await until(lambda: len(events) == 3)
    assert [event.name for event in events] == ["link_down", "trap_refused", "link_down"]
    assert listener.refused == {("127.0.0.1", Reason.NOT_IN_TIME_WINDOW): 2}
