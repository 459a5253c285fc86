"""When the certificates end that a device shows on its TLS ports.

Nothing is sent but the beginning of a handshake, and nobody is trusted: a certificate that has ended, that signed
itself or that is another's is what we came to read. Old devices speak old versions and ciphers, and may.
"""

import asyncio
import contextlib
import re
import ssl
import warnings
from dataclasses import dataclass
from datetime import UTC

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.x509.oid import NameOID

from collectors import text

AT_ONCE = 8  # ports of one device: its other polls wait meanwhile
OCTETS = 64 << 10  # of a certificate; OpenSSL takes no chain longer than 100 kB
_NAME = 64  # characters of a common name (RFC 5280's ub-common-name)
_HOST = re.compile(r"(?a)(?=.{1,253}$)(?!-)[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})*")


@dataclass(frozen=True, slots=True)
class Certificate:
    """`ends` is ISO 8601 in UTC; empty where `cause` says why nothing was read."""

    ends: str = ""
    name: str = ""  # the subject's common name
    cause: str = ""


async def certificate(address: str, port: int, called: str, within: float) -> Certificate:
    """The leaf that is shown to who asks for `called`. `within`: seconds for all of it. Never raises for a peer."""
    wanted = called if _HOST.fullmatch(called) else ""
    try:
        async with asyncio.timeout(within):
            _, writer = await asyncio.open_connection(address, port, ssl=_context(), server_hostname=wanted)
    except TimeoutError:
        return Certificate(cause="timeout")
    except ConnectionRefusedError:
        return Certificate(cause="refused")
    except ssl.SSLError as error:
        return Certificate(cause=f"no TLS: {text.one_line(error.reason or type(error).__name__, _NAME)}")
    except (OSError, ValueError) as error:  # ValueError: what no server name can be
        return Certificate(cause=text.one_line(str(error), _NAME) or type(error).__name__)
    try:
        shown = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    finally:
        writer.transport.abort()  # a peer that never says goodbye is not waited for
        with contextlib.suppress(OSError, TimeoutError):
            await writer.wait_closed()
    return read(shown) if shown else Certificate(cause="no certificate")


def read(encoded: bytes) -> Certificate:
    """A certificate in DER. What cannot be read is told, not raised."""
    if len(encoded) > OCTETS:
        return Certificate(cause=f"a certificate of more than {OCTETS} octets")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a serial number of 0 and its like
            told = x509.load_der_x509_certificate(encoded)
            ends, subject = told.not_valid_after_utc, told.subject
            names = subject.get_attributes_for_oid(NameOID.COMMON_NAME)
            name = names[0].value if names else ""
    except (ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion) as error:
        return Certificate(cause=f"unreadable: {text.one_line(str(error), _NAME)}")
    shown = text.one_line(name if isinstance(name, str) else text.decode(name), _NAME)
    return Certificate(ends.astimezone(UTC).isoformat(), shown)


def _context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    context.options |= getattr(ssl, "OP_LEGACY_SERVER_CONNECT", 0)
    return context
