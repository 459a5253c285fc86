"""A datagram to a trap, of whatever version, when its sender is believed."""

from dataclasses import replace

from collectors.snmp import ber
from collectors.snmp.traps import message
from collectors.snmp.traps.message import NotATrapError, Reason, Trap
from collectors.snmp.traps.security import Security

_VERSIONS = {0: "v1", 1: "v2c"}


def read(datagram: bytes, security: Security, sender: str = "") -> Trap:
    """Raises NotATrapError, and nothing else. Nothing but the community is looked at until it is believed."""
    try:
        return _read(datagram, security, sender)
    except ber.BadMessage as bad:
        raise NotATrapError(Reason.NOT_SNMP, f"not an SNMP message: {bad}") from None
    except IndexError:
        raise NotATrapError(Reason.NOT_SNMP, "too short for an SNMP message") from None


def _read(datagram: bytes, security: Security, sender: str) -> Trap:
    i, end = ber.whole(datagram)
    number, i = ber.number(datagram, i, end)
    if number == 3:
        return security.open(datagram, sender)
    version = _VERSIONS.get(number)
    if version is None:
        raise NotATrapError(Reason.NOT_SNMP, "an SNMP version that is not known")
    community, i = ber.octets(datagram, i, end)
    if not security.believed.community(community):
        raise NotATrapError(Reason.WRONG_COMMUNITY, "a community that the inventory does not name")
    if (datagram[i] == message.TRAP_V1) != (number == 0):
        raise NotATrapError(Reason.NOT_A_TRAP, "not a PDU of this version's traps")
    found = message.notification(datagram, i, end)
    answer = ber.message(number, community, found.response) if found.response else b""
    return replace(found.trap, version=version, answer=answer, request=found.response)
