"""Alertmanager keeps its alerts in memory alone: those of open cases are repeated, those that ended are ended again."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import structlog

from agent.channels.alertmanager import AlertmanagerChannel
from agent.errors import DeliveryError
from agent.inventory.inventory import Inventory
from agent.notifications import policy, wording
from agent.notifications.notification import Notification
from agent.notifications.policy import Occasion
from agent.ports import Channel, Store

EVERY = timedelta(minutes=5)
ENDED_SINCE = timedelta(hours=1)  # so that the end of a case arrives that was told while Alertmanager was away

log = structlog.get_logger()


def repeat(store: Store, inventory: Inventory, channels: Mapping[str, Channel], site: str, now: datetime) -> int:
    """Returns how many alerts were repeated. Nothing is doubled there by it."""
    told: dict[str, list[Notification]] = {
        name: [] for name, channel in channels.items() if isinstance(channel, AlertmanagerChannel)
    }
    if not told:
        return 0
    with store.read() as tx:
        for case in tx.cases(start=now - ENDED_SINCE):
            for each in policy.targets(case, inventory):
                if each.channel in told:
                    message = wording.message(Occasion.OPENED, case, each, inventory, (), (), site=site)
                    told[each.channel].append(message)
    return sum(_send(channels[name], messages) for name, messages in told.items())


def _send(channel: Channel, messages: list[Notification]) -> int:
    if not messages or not isinstance(channel, AlertmanagerChannel):
        return 0
    try:
        channel.send_all(messages)
    except DeliveryError as error:
        log.warning("alerts were not repeated", channel=channel.name, reason=str(error))
        return 0
    return len(messages)
