"""The syslog listener as the settings and the inventory want it."""

from collections.abc import Callable

from agent.inventory.inventory import Inventory
from agent.settings import Settings
from collectors.fairness import Limits
from collectors.syslog.listener import SyslogListener
from collectors.syslog.stream import Certificates


def listener(
    settings: Settings, inventory: Inventory, device_of: Callable[[str], str], ready: Callable[[], bool]
) -> SyslogListener:
    at, streams = settings.syslog, settings.syslog_streams
    tcp = streams.tcp or at
    certificates = Certificates(streams.certificate, streams.key, streams.clients) if streams.certificate else None
    return SyslogListener(
        at.host,
        at.port,
        device_of,
        ready,
        Limits(rate=streams.rate),
        named=names(inventory),
        tcp=(tcp.host, tcp.port) if streams.over_tcp else None,
        tls=(streams.tls.host, streams.tls.port),
        certificates=certificates,
    )


def names(inventory: Inventory) -> Callable[[str], str]:
    """Who a line means by its host: a device's name, whole or up to the first dot, or its address."""
    known: dict[str, str] = {}
    for name, device in inventory.devices.items():
        for word in (name.partition(".")[0].lower(), device.address, name.lower()):
            known[word] = "" if known.get(word, name) != name else name  # what two are called is nobody's name
    known |= {name.lower(): name for name in inventory.devices}

    def named(host: str) -> str:
        return known.get(host.lower()) or known.get(host.partition(".")[0].lower(), "")

    return named
