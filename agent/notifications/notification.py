"""A message to one person about one case (or report), ready to send."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """`key` is the same however often it is tried: a channel makes its Message-ID of it.

    `answers` is the key of the message that this one follows up (a recovery names the opening), or empty. `about`
    tells programs what it is about: occasion, case, severity, state, opened, resolved, … as far as there is any.
    """

    key: str
    channel: str  # email, console, or a channel of the inventory
    to: str  # an e-mail address, a telephone number, or a person's name
    language: str
    subject: str
    text: str
    html: str = ""
    short: str = ""  # one line and an address, for where there is little room
    answers: str = ""
    attachments: tuple[str, ...] = ()  # file paths
    about: Mapping[str, str] = field(default_factory=dict)
