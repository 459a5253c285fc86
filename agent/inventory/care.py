"""policies.customer and policies.weekly_reports of inventory.yaml, as they are written and as they are meant."""

# ruff: noqa: RUF012 - pydantic gives every model a default of its own

from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from agent.inventory.customers import Language
from agent.inventory.fields import Clock, Duration, Email, Switch, Timezone
from agent.inventory.policies import CustomerCare, Survey, WeeklyReports
from agent.inventory.section import Section

ToldState = Literal["in_progress", "waiting_for_customer", "with_vendor", "rma_pending", "monitoring"]
HeldState = Literal["monitoring", "resolved"]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WEEKDAYS: tuple[Weekday, ...] = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class WrittenSurvey(Section):
    send: Switch = True
    """Whether customers are asked at all when a case is closed."""
    last: Duration | None = None
    """It can be answered so long."""
    remind_after: Duration | None = None
    """Whoever has not answered is reminded once, after so long."""
    call_back_under: Annotated[int, Field(ge=1, le=5)] | None = None
    """A score under it obliges the technical manager to call back; 1: none does."""
    call_back_within: Duration | None = None
    """The call is due so long after the answer; from then on it is told again every so long."""


class WrittenCare(Section):
    told_of: list[ToldState] | None = None
    """States of a case that the customer is told of, beside its opening and its resolution; []: none."""
    links_last: Duration | None = None
    """A signed link to confirm a fix works so long."""
    consent_for: list[HeldState] | None = None
    """States that a case cannot be brought to while a planned change waits for the customer's consent."""
    consent_last: Duration | None = None
    """A change without a window can be consented to so long."""
    survey: WrittenSurvey | None = None
    """The four questions after a case is closed."""


class WrittenWeekly(Section):
    weekday: Weekday | None = None
    """The day on which the reports on the seven days before it are written."""
    at: Clock | None = None
    """Time of day at which they are written."""
    timezone: Timezone | None = None
    """Time zone of `at` and of the seven days."""
    languages: Annotated[list[Language], Field(min_length=1)] | None = None
    """Languages in which they are written."""
    to: list[Email] = []
    """Addresses to which they are mailed, beside the general manager's."""


def customer_care(written: WrittenCare) -> CustomerCare:
    said, plain = _said(written), CustomerCare()
    for key in {"told_of", "consent_for"} & said.keys():
        said[key] = tuple(dict.fromkeys(said[key]))
    if written.survey is not None:
        said["survey"] = replace(Survey(), **_said(written.survey))
    return replace(plain, **said)


def weekly_reports(written: WrittenWeekly) -> WeeklyReports:
    said = _said(written)
    if written.weekday is not None:
        said["weekday"] = WEEKDAYS.index(written.weekday)
    for key in {"languages", "to"} & said.keys():
        said[key] = tuple(said[key])
    return replace(WeeklyReports(), **said)


def _said(written: BaseModel) -> dict[str, Any]:
    """What was written, and is not empty."""
    found = {key: getattr(written, key) for key in written.model_fields_set}
    return {key: value for key, value in found.items() if value is not None}
