"""SMS and chat through Apprise: WeCom, DingTalk, Feishu/Lark, Slack, Teams, Twilio and a hundred more.

An Apprise URL is made of keys. It is read from its reference for each message, never kept, and nothing of it comes out:
what Apprise logs goes through here and nowhere else.
"""

import logging
import re
from collections.abc import Callable
from urllib.parse import quote

from agent.channels.journal import Journal
from agent.channels.scrubbing import parts_of, scrub
from agent.errors import DeliveryError, NetcaseError
from agent.inventory.channels import ChannelSetup
from agent.notifications.notification import Notification

PLACE = "{to}"  # where a person's number or name stands in the URL
_STATUS = re.compile(r"error[=:]\s*(\d{3})\b")
_LATER = frozenset({408, 425, 429})


class AppriseChannel:
    def __init__(self, setup: ChannelSetup, secret: Callable[[str], str], journal: Journal) -> None:
        self.name = setup.name
        self._setup, self._secret, self._journal = setup, secret, journal

    def send(self, notification: Notification) -> str:
        """Raises DeliveryError; permanent where the service itself refused (4xx but 408, 425 and 429)."""
        try:
            url = self._secret(str(self._setup.url)).strip().replace(PLACE, quote(notification.to, safe=""))
        except NetcaseError as error:
            raise DeliveryError(f"channel {self.name}: {error}") from error
        return self._journal.once(notification.key, lambda: self._hand_over(url, notification))

    def _hand_over(self, url: str, notification: Notification) -> str:
        from apprise import Apprise, AppriseAsset, NotifyFormat, NotifyType

        _keep_quiet()
        timeout_s = self._setup.timeout.total_seconds()
        said: list[str] = []
        asset = AppriseAsset(
            async_mode=False, secure_logging=True, http_redirects=False, service_timeout=timeout_s, app_id="netcase"
        )
        apprise = Apprise(asset=asset)
        if not apprise.add(_with_timeouts(url, timeout_s)) or len(apprise) != 1:
            raise DeliveryError(f"channel {self.name}: its URL is none that Apprise knows")
        text = notification.short or notification.subject
        done = apprise.notify(
            body=text,
            notify_type=NotifyType(_colour(notification)),
            body_format=NotifyFormat.TEXT,
            log_level=logging.WARNING,
            log_callback=lambda entry, _service: said.append(entry.message),
        )
        if done:
            return f"taken by {apprise[0].service_name}"
        heard = "; ".join(said) or "no answer"
        status = _STATUS.search(heard)
        refused = status is not None and status[1].startswith("4") and int(status[1]) not in _LATER
        raise DeliveryError(f"channel {self.name}: {scrub(heard, parts_of(url))}", permanent=refused)


def _colour(notification: Notification) -> str:
    """What Apprise calls the kind of a message: chats show it as a colour."""
    about = notification.about
    if about.get("state") in ("resolved", "closed"):
        return "success"
    return {"P1": "failure", "P2": "failure", "P3": "warning"}.get(about.get("severity", ""), "info")


def _with_timeouts(url: str, timeout_s: float) -> str:
    """Apprise takes its time limits from the URL."""
    if "cto=" in url or "rto=" in url:
        return url
    return f"{url}{'&' if '?' in url else '?'}cto={timeout_s:g}&rto={timeout_s:g}"


def _keep_quiet() -> None:
    """What Apprise and what lies below it say may hold the URL: it goes to no log."""
    for name in ("apprise", "urllib3", "requests", "requests_oauthlib"):
        logger = logging.getLogger(name)
        logger.propagate = False
        if not logger.handlers:
            logger.addHandler(logging.NullHandler())
