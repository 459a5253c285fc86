"""Something that happened on a case, before it is put into anybody's words."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """`headline`, `closing` and every label are msgids; the same news is told to the same person once.

    `occasion` is a word of ours and part of the message's key, `again` tells apart what happens more than once (a step
    of an escalation, the number of an RMA); `once` stands in the case's place where the same is told of many cases and
    is enough to be told once (a contract that has ended). `values` fill the places of headline and closing; `facts` are
    rows of a label and a text; `links` are labels and addresses that the reader may follow.
    """

    occasion: str
    headline: str
    values: Mapping[str, object] = field(default_factory=dict)
    facts: tuple[tuple[str, str], ...] = ()
    closing: str = ""
    links: tuple[tuple[str, str], ...] = ()
    again: str = ""
    once: str = ""
