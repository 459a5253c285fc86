"""The section `policies` of inventory.yaml as it is written: what was decided about faults, cases and reports."""

# ruff: noqa: RUF012 - pydantic gives every model a default of its own

from typing import Annotated, Literal

from pydantic import Field

from agent.inventory import teams_written
from agent.inventory.care import WrittenCare, WrittenWeekly
from agent.inventory.coverage import Promised
from agent.inventory.customers import Language
from agent.inventory.device import Role
from agent.inventory.fields import (
    Address,
    Clock,
    Duration,
    Email,
    Interval,
    Percent,
    Port,
    Reference,
    Switch,
    Text,
    Timezone,
)
from agent.inventory.mailbox_written import WrittenMailbox
from agent.inventory.section import Section
from agent.inventory.vendors_written import WrittenReplacing

# The kinds of fault and the severities, as agent.faults and agent.cases name them: both lie above the inventory.
Fault = Literal[
    "device_unreachable",
    "snmp_agent_dead",
    "device_restarted",
    "host_key_changed",
    "latency_high",
    "packet_loss",
    "stale_collection",
    "clock_unsynchronised",
    "configuration_changed",
    "licence_expiring",
    "certificate_expiring",
    "maintenance_leftover",
    "syslog_pattern",
    "interface_down",
    "interface_errors",
    "interface_discards",
    "interface_saturated",
    "speed_changed",
    "duplex_changed",
    "optical_power",
    "lag_member_down",
    "cpu_high",
    "memory_high",
    "storage_full",
    "temperature_high",
    "fan_failed",
    "power_supply_failed",
    "module_failed",
    "stack_degraded",
    "redundancy_lost",
    "failover",
    "chassis_alarm",
    "sensor_out_of_range",
    "bgp_peer_down",
    "ospf_neighbour_down",
    "bfd_session_down",
    "cpu_unusual",
    "memory_unusual",
    "traffic_unusual",
    "latency_unusual",
    "rising_fast",
    "storage_filling",
    "memory_filling",
    "interface_filling",
    "site_down",
    "mass_outage",
]
Level = Literal["P1", "P2", "P3", "P4"]


class Confirmation(Section):
    count: Annotated[int, Field(ge=1, le=100)] = 2
    """Bad observations before the fault is believed."""
    of: Annotated[int, Field(ge=1, le=30)] | None = None
    """Among so many of the last ones; left out: in a row."""
    hold: Duration | None = None
    """The last of them comes at least so long after the first."""


class Flapping(Section):
    half_life: Duration | None = None
    """Each time that something goes down counts 1, and half of it after so long."""
    suppress: Annotated[float, Field(ge=1, le=100)] | None = None
    """It is flapping from this sum on: one problem, that stays until it has held still."""
    reuse: Annotated[float, Field(ge=0.1, le=100)] | None = None
    """It is flapping no more below this sum."""
    longest: Duration | None = None
    """What holds still is flapping no more after so long, however often it went down."""


class Consequence(Section):
    large_share_pct: Percent | None = None
    """So many of a customer's devices lost at once, and more than one, are P2."""
    kinds: dict[Fault, Level] = {}
    """Severity where nothing is cut off, by kind of fault."""
    roles: dict[Role, Level] = {}
    """Severity of a lost device that nothing stands in for, by its role."""
    out_of_hours: dict[Role, Level] = {}
    """The same, outside the hours of the device's contract."""


class Sla(Section):
    response: Promised | None = None
    """Until somebody answers."""
    on_site: Promised | None = None
    """Until somebody stands in front of the device."""
    restore: Promised | None = None
    """Until the service works again."""
    update: Promised | None = None
    """The state of the case is touched at least so often."""


class DailyReport(Section):
    at: Clock | None = None
    """Time of day at which it is written."""
    timezone: Timezone | None = None
    """Time zone of `at`, and of the day that the report is about."""
    languages: Annotated[list[Language], Field(min_length=1)] | None = None
    """Languages in which it is written."""
    to: list[Email] = []
    """Addresses to which it is mailed."""


class Rate(Section):
    burst: Annotated[int, Field(ge=1, le=1_000)] = 20
    """So many messages to one person on one channel at once."""
    every: Interval | None = None
    """After that one each so often; what is more goes into one message. P1 knows no limit."""


class Notifications(Section):
    at_once: list[Level] | None = None
    """Severities that quiet hours do not hold back."""
    customers: list[Literal["opened", "raised", "reopened", "state", "resolved"]] | None = None
    """Of what the customers' contacts hear."""
    evidence: Switch | None = None
    """Whether a mail follows to our own people when the evidence is there."""
    rate: Rate | None = None
    """How much one person is told at once."""


class Smtp(Section):
    host: Address
    """The mail server."""
    port: Port = 25
    """Its port: 25, or 587 with STARTTLS."""
    sender: Email | None = None
    """The address that mails come from."""
    starttls: Switch = False
    """Encrypt with STARTTLS, and refuse to send without."""
    username: Text = ""
    """Name to log in with; empty: no log-in."""
    password: Reference | None = None
    """Password to log in with, by reference."""


class Policies(Section):
    settle: Duration | None = None
    """A confirmed fault waits so long before its root cause is decided, so that a cut is seen whole."""
    quiet: Duration | None = None
    """A case whose faults are over is resolved after so long without a relapse."""
    grace: Duration | None = None
    """A relapse within so long re-opens the same case."""
    gap: Annotated[float, Field(ge=1, le=100)] | None = None
    """After so many polling intervals without an observation a device counts as unobserved."""
    confirmation: dict[Fault, Confirmation] = {}
    """When a fault is believed, by kind of fault."""
    flapping: Flapping | None = None
    """When something that goes down again and again is one problem."""
    severity: Consequence | None = None
    """What decides severity beside the network itself."""
    sla: dict[Level, Sla] = {}
    """What is promised by severity, where a contract does not promise something else."""
    sla_warning_pct: Percent | None = None
    """Somebody is warned when so much of the time of a promise is gone."""
    rma: WrittenReplacing | None = None
    """How failed hardware is replaced, and how long vendors may be silent."""
    tech_cooldown: Duration | None = None
    """Between two `show tech` of one device."""
    keep_samples: Duration | None = None
    """How long raw samples are kept."""
    keep_hours: Duration | None = None
    """How long samples rolled up by the hour are kept."""
    keep_journal: Duration | None = None
    """How long every poll is kept as it was observed, for `netcase rules replay`; 0s: not at all."""
    availability_weights: dict[Role, Annotated[float, Field(gt=0, le=1000)]] = {}
    """How much a device of a role weighs in the availability of its site, customer and network; 1 unless written."""
    daily_report: DailyReport | None = None
    """The daily health report."""
    roles: teams_written.Holders = {}
    """Who holds which post, where the team names nobody."""
    paging: teams_written.Paging = {}
    """By severity: after how long without an answer which level of the people on call is paged."""
    escalation: teams_written.Escalation = {}
    """By severity: after how long without restoration which post is told."""
    escalation_hours: teams_written.EscalationHours = {}
    """By severity: told at any hour, or only within the contract's."""
    oncall_gap_ahead: Duration | None = None
    """A time that nobody is on call is told so long before it begins."""
    smtp: Smtp | None = None
    """Where mail is handed over; without it nothing is mailed."""
    mailbox: WrittenMailbox | None = None
    """The mailbox in which people write to us; without it no mail is read."""
    notifications: Notifications | None = None
    """Who is told what, and how much at once."""
    customer: WrittenCare | None = None
    """What customers are told and asked."""
    weekly_reports: WrittenWeekly | None = None
    """Case tracking and satisfaction of a week."""
    faq_wanted: list[Level] | None = None
    """Whoever closes a case of these severities is asked for an FAQ entry where none answers for it; []: nobody is."""
