"""Customers, their sites and contracts, and the people on both sides."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from agent.inventory.attention import Attention
from agent.inventory.device import Secret
from agent.inventory.hours import ALWAYS, Hours
from agent.inventory.promises import Sla


class Language(StrEnum):
    EN = "en"
    ZH_CN = "zh_CN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A person at the customer."""

    name: str
    email: str = ""
    phone: str = ""
    language: Language = Language.EN
    notify: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    name: str  # the key
    title: str = ""  # as it stands in reports and mails
    contacts: tuple[Contact, ...] = ()
    team: str = ""  # who looks after it
    account: str = ""  # the person who looks after the contract; empty: the team's
    availability_target_pct: float = 99.9


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    number: str
    customer: str
    starts: date
    ends: date  # the last day that is covered
    coverage: Hours = ALWAYS
    timezone: str = ""  # of the coverage hours; empty: the clock of each device's site
    availability_target_pct: float | None = None
    sla: Mapping[str, Sla] = field(default_factory=dict)  # by severity; empty: the policies'
    holidays: str = ""  # a calendar's name or a country's code; empty: no holidays
    pauses: tuple[str, ...] = ("waiting_for_customer",)  # states of a case in which its clocks stand still
    serials: frozenset[str] = frozenset()  # of hardware that it covers beside the devices that name it; in capitals

    def covers(self, day: date) -> bool:
        return self.starts <= day <= self.ends


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    name: str  # the key
    customer: str
    title: str = ""
    address: str = ""
    timezone: str = "UTC"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One of ours."""

    name: str
    email: str = ""
    phone: str = ""
    title: str = ""
    language: Language = Language.EN
    channels: tuple[str, ...] = ("email",)  # the first is told, the next when that fails; the console beside them
    attention: Attention = field(default_factory=Attention)  # when they want to be told
    token: Secret | None = None  # the key with which the person signs in on the web and at the API
