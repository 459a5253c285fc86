"""Vendors' technical assistance centres, as an inventory tells of them: how they are reached, what they call
severities, and what they take for an upload."""

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

HEADQUARTERS = "headquarters"  # where spare parts lie that are no site's


class TooLarge(StrEnum):
    """What is done when the upload is larger than the vendor takes."""

    SPLIT = "split"  # numbered archives, each whole by itself
    LEAVE_OUT = "leave_out"  # the largest files stay here, and the manifest says so


class Form(StrEnum):
    ZIP = "zip"
    TAR_GZ = "tar.gz"


@dataclass(frozen=True, slots=True, kw_only=True)
class Vendor:
    name: str  # the key
    title: str = ""
    email: str = ""
    phone: str = ""
    portal: str = ""
    contract: str = ""  # the number under which they support us
    severities: dict[str, str] = field(default_factory=dict)  # P1 … P4 → their word
    updates: dict[str, timedelta] = field(default_factory=dict)  # P1 … P4 → how often they tell us news
    largest_upload: int = 0  # bytes; 0: no limit is known
    too_large: TooLarge = TooLarge.SPLIT
    form: Form = Form.ZIP
    naming: str = "{case}"  # of the upload, without its ending

    def severity(self, ours: str) -> str:
        return self.severities.get(ours, ours)

    def update(self, ours: str) -> timedelta:
        return self.updates.get(ours, _UPDATES.get(ours, timedelta(days=1)))


_UPDATES = {"P1": timedelta(hours=1), "P2": timedelta(hours=4), "P3": timedelta(days=1), "P4": timedelta(days=3)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Minimum:
    """So many of a part should lie at a location."""

    part: str
    location: str
    least: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacing:
    """What was decided about replacing failed hardware and about vendors' cases."""

    healthy_after: timedelta = timedelta(minutes=30)  # without a fault, once the new part was seen
    return_within: int = 10  # working days, from the day on which the new part was installed
    remind_before: int = 2  # working days
    remind_every: int = 3  # working days, once it is late
    vendor_grace: timedelta = timedelta(hours=1)  # an overdue update is escalated after so long
    minimum_stock: tuple[Minimum, ...] = ()
