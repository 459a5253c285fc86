"""Other ticket systems: one adapter a file, all held to one contract suite."""

import ssl
from collections.abc import Callable, Mapping

from agent.channels.bridges.glpi import GlpiBridge
from agent.channels.bridges.jira import JiraBridge
from agent.channels.bridges.rest import RestBridge
from agent.channels.bridges.servicenow import ServiceNowBridge
from agent.channels.bridges.webhook import WebhookBridge
from agent.channels.bridges.zammad import ZammadBridge
from agent.inventory.bridges import BridgeKind, BridgeSetup
from agent.ports.mirrors import Bridge

_Make = Callable[..., Bridge]
_KINDS: Mapping[BridgeKind, _Make] = {
    BridgeKind.ZAMMAD: ZammadBridge,
    BridgeKind.SERVICENOW: ServiceNowBridge,
    BridgeKind.JIRA: JiraBridge,
    BridgeKind.GLPI: GlpiBridge,
    BridgeKind.REST: RestBridge,
    BridgeKind.WEBHOOK: WebhookBridge,
}


def made(setup: BridgeSetup, secret: Callable[[str], str], *, context: ssl.SSLContext | None = None) -> Bridge:
    return _KINDS[setup.kind](setup, secret, context=context)
