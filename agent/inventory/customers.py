"""Customers, their sites and contracts, and the people on both sides."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from agent.inventory.device import Secret
from agent.inventory.hours import ALWAYS, Hours


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
    channels: tuple[str, ...] = ("email",)
    token: Secret | None = None  # the key with which the person signs in on the web and at the API


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    name: str
    on_call: tuple[str, ...] = ()  # people, the first is on duty, the next stands in
