"""A message to one person about one case (or report), ready to send."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """`key` is the same however often it is tried: a channel makes its Message-ID of it.

    `answers` is the key of the message that this one follows up (a recovery names the opening), or empty.
    """

    key: str
    channel: str  # email, console
    to: str  # an e-mail address, or a person's name on the console
    language: str
    subject: str
    text: str
    html: str = ""
    answers: str = ""
    attachments: tuple[str, ...] = ()  # file paths
