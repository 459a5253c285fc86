"""inventory.yaml as it is written: one model a section. The JSON Schema for editors is made of these and their words.

What is inherited stays unset here (`model_fields_set` says what was written); `agent.inventory.merging` merges it.
"""

# ruff: noqa: RUF012 - pydantic gives every model a default of its own

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from agent.inventory import teams_written
from agent.inventory.access import Credential, JumpHost
from agent.inventory.channels import ChannelKind, Reader
from agent.inventory.coverage import Coverage
from agent.inventory.customers import Language
from agent.inventory.device import Management, Method, Role
from agent.inventory.fields import (
    Address,
    Clock,
    Day,
    Duration,
    Email,
    Interval,
    Moment,
    Name,
    Number,
    Percent,
    Port,
    Reference,
    Serial,
    Switch,
    Text,
    Timezone,
    number_one,
    platform,
)
from agent.inventory.handbook import Level, Policies, Sla
from agent.inventory.section import Section
from agent.inventory.ticketing import WrittenBridge
from agent.inventory.vendors_written import WrittenVendor

Pause = Literal["waiting_for_customer", "with_vendor", "rma_pending"]
Platform = Annotated[str, platform, WithJsonSchema({"type": "string", "examples": ["cisco_ios", "huawei", "linux"]})]


class Agent(Section):
    attached_to: list[Name] = []
    """Devices through which the agent enters the network; what can be reached only past a dead one is a symptom."""


class Contact(Section):
    name: Text
    """The person's name."""
    email: Email | None = None
    """Their e-mail address."""
    phone: Text = ""
    """Their telephone number, in quotes."""
    language: Language = Language.EN
    """The language they are written to in."""
    notify: Switch = True
    """Whether they are told of cases."""


class Customer(Section):
    title: Text = ""
    """The name as it stands in reports and mails."""
    team: Name | None = None
    """The team that looks after the customer."""
    account: Name | None = None
    """The person who looks after the contract, where it is not the team's."""
    availability_target_pct: Percent | None = None
    """Availability that was promised, in percent."""
    contacts: list[Contact] = []
    """People at the customer."""


class Contract(Section):
    customer: Name
    """The customer that it was made with."""
    starts: Day
    """Its first day."""
    ends: Day
    """The last day that it covers."""
    coverage: Coverage | None = None
    """Hours in which it is served."""
    timezone: Timezone | None = None
    """Time zone of these hours; left out: each site's own."""
    availability_target_pct: Percent | None = None
    """Availability that it promises, in percent."""
    sla: dict[Level, Sla] = {}
    """What it promises by severity, where that is not what the policies promise."""
    holidays: Name | None = None
    """The calendar whose holidays are not served: its name, or a country's code."""
    pauses: list[Pause] | None = None
    """States of a case in which its clocks stand still; left out: while it waits for the customer."""
    serials: Annotated[list[Serial], Field(max_length=10_000)] = []
    """Serial numbers of hardware that it covers beside the devices that name it."""


class Calendar(Section):
    country: Name | None = None
    """The country whose public holidays it has, or a part of one: CN, DE-BY, US-NY; left out: none."""
    add: list[Day] = []
    """Holidays beside those."""
    remove: list[Day] = []
    """Days that are no holidays here."""
    workdays: list[Day] = []
    """Days at the week-end on which work goes on."""


class Site(Section):
    customer: Name
    """The customer whose site it is; its devices are that customer's."""
    title: Text = ""
    """The name as it stands in reports and mails."""
    address: Text = ""
    """Where an engineer drives to."""
    timezone: Timezone | None = None
    """The site's time zone."""
    ssh_jump: list[Name] | None = None
    """Jump hosts on the way to its devices' SSH, where a device, its groups and defaults name none."""


class Channel(Section):
    kind: ChannelKind
    """What it is: apprise (SMS, chat), webhook, alertmanager."""
    url: Reference
    """Where it goes, by reference, since it may hold a key."""
    secret: Reference | None = None
    """What a webhook's messages are signed with, by reference."""
    to: Reader = Reader.NAME
    """What of a person stands where the URL says {to}: name, phone or email."""
    every_case: Switch = False
    """Whether every case is told here, whoever is on call."""
    severities: list[Level] = []
    """Of every case, only these; left out: all."""
    customers: list[Name] = []
    """Of every case, only those of these customers; left out: all."""
    language: Language = Language.EN
    """The language of every case; a person's own goes before it."""
    timeout: Interval | None = None
    """How long an answer is waited for."""


class Digest(Section):
    at: Annotated[list[Clock], Field(min_length=1, max_length=24)]
    """Times of day."""
    severities: Annotated[list[Level], Field(min_length=1)] = ["P3", "P4"]
    """Severities that wait for it; P1 never does."""


class Person(Section):
    name: Text = ""
    """The full name, as it stands in cases."""
    email: Email | None = None
    """Their e-mail address."""
    phone: Text = ""
    """Their telephone number, in quotes."""
    title: Text = ""
    """What they do."""
    language: Language = Language.EN
    """The language they are written to in."""
    channels: list[Name] = ["email"]
    """How they are told: email, console, or names of `channels`. The first counts, the next when it fails; the console
    is told beside."""
    timezone: Timezone | None = None
    """Whose clock `quiet` and `digest` go by; left out: UTC."""
    quiet: Coverage | None = None
    """Hours in which they are not told of what can wait."""
    digest: Digest | None = None
    """What is told together, and when."""
    token: Reference | None = None
    """The key with which the person signs in on the web and at the API, by reference: `env:NAME` or `file:/path`."""


class Team(Section):
    on_call: list[Name] = []
    """People on call without a rota: the first is always on duty, the next stands in."""
    timezone: Timezone | None = None
    """Time zone of the hand-overs."""
    levels: teams_written.Rungs = []
    """Instead of on_call: the rota of each level, the first is called first."""
    roles: teams_written.Holders = {}
    """Who holds which post, where the customer's own says nothing: whom a case reaches that is not over."""


class Polling(Section):
    status: Interval | None = None
    """How often reachability and states are asked."""
    health: Interval | None = None
    """How often counters, CPU, memory and sensors are asked."""
    identity: Interval | None = None
    """How often the device is asked who it is and who its neighbours are."""
    recheck: Interval | None = None
    """How often a suspect device is asked until it is believed up or down."""
    timeout: Interval | None = None
    """How long an answer is waited for."""
    retries: Annotated[int, Field(ge=0, le=10)] | None = None
    """How often a question is repeated that was not answered."""
    max_repetitions: Annotated[int, Field(ge=1, le=200)] | None = None
    """Rows asked for in one GETBULK."""
    columns_per_pdu: Annotated[int, Field(ge=1, le=60)] | None = None
    """Columns of a table asked for in one GETBULK or GETNEXT."""
    bulk: Switch | None = None
    """Ask with GETBULK; false for an agent that answers it wrongly."""


class Thresholds(Section):
    cpu_pct: Percent | None = None
    """CPU is too high from here on."""
    cpu_clear_pct: Percent | None = None
    """CPU is fine again below this."""
    memory_pct: Percent | None = None
    """Memory is too full from here on."""
    memory_clear_pct: Percent | None = None
    """Memory is fine again below this."""
    storage_pct: Percent | None = None
    """A file system is too full from here on."""
    temperature_c: Annotated[float, Field(gt=0, le=200)] | None = None
    """Degrees Celsius from which on it is too hot, where the device names no limit of its own."""
    temperature_hysteresis_c: Annotated[float, Field(ge=0, le=50)] | None = None
    """It is fine again so many degrees below the limit."""
    errors_pct: Percent | None = None
    """Errors are too many from this share of the packets of an interval on, each direction on its own."""
    errors_clear_pct: Percent | None = None
    """Errors are fine again below this share."""
    errors_at_least: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    """Fewer errors than this in an interval are never a fault."""


class Inherited(BaseModel):
    """The keys that a device takes over from its group, a group from its parent, and all from `defaults`.

    Written with nothing behind it, a key takes back what would be inherited: `ssh:` is a device without SSH.
    """

    model_config = ConfigDict(
        extra="forbid", hide_input_in_errors=True, allow_inf_nan=False, use_attribute_docstrings=True
    )

    platform: Platform | None = None
    """netmiko's device_type; left out: SNMP tells it."""
    role: Role | None = None
    """What the device does; severity depends on it."""
    site: Name | None = None
    """The site where the device stands; the device is the site's customer's."""
    contract: Number | None = None
    """Number of the contract that covers the device."""
    snmp: Name | None = None
    """Credential with which the device is polled."""
    ssh: Name | None = None
    """Credential with which evidence is read."""
    snmp_port: Port | None = None
    """UDP port of SNMP, where it differs from the credential's."""
    ssh_jump: list[Name] | None = None
    """Jump hosts on the way to the device's SSH, the one nearest to the agent first; empty: straight there."""
    ssh_port: Port | None = None
    """TCP port of SSH, where it differs from the credential's."""
    tcp_port: Port | None = None
    """TCP port that the reachability method `tcp` connects to."""
    certificate_ports: Annotated[list[Port], Field(max_length=32)] | None = None
    """TLS ports whose certificates are watched, so that none ends unnoticed."""
    reachability: Annotated[list[Method], Field(min_length=1)] | None = None
    """Methods that count: the device is up when any of them answers."""
    management: Management | None = None
    """Whether the agent reaches the device through the watched network (in-band) or past it (out-of-band)."""
    parents: list[Name] | None = None
    """Devices on the way from the agent to this one, where no link says so."""
    redundant_with: list[Name] | None = None
    """Devices that take over when this one fails."""
    tags: list[Name] | None = None
    """Words to select devices by."""
    ignore_interfaces: list[Text] | None = None
    """Interfaces that are not watched: shell patterns on ifName."""
    software_target: Text | None = None
    """The software version that the inspection expects."""
    availability_target_pct: Percent | None = None
    """Availability that is expected, in percent; before the contract's and the customer's."""
    availability_weight: Annotated[float, Field(gt=0, le=1000)] | None = None
    """How much the device weighs in its site's, customer's and network's availability; left out: its role's weight."""
    polling: Polling | None = None
    """How the device is asked."""
    thresholds: Thresholds | None = None
    """When a number is a fault."""


class Defaults(Inherited):
    pass


class Group(Inherited):
    group: Name | None = None
    """The parent group, whose keys are taken over."""


class Device(Inherited):
    address: Address
    """IPv4 address, IPv6 address or host name under which the agent reaches the device."""
    group: Name | None = None
    """The group whose keys are taken over."""


class Maintenance(Section):
    name: Text
    """What is done."""
    starts: Moment | None = None
    """When it begins, with its offset from UTC."""
    ends: Moment | None = None
    """When it is over, with its offset from UTC."""
    every: Text | None = None
    """Instead of both, for one that comes again: on which days, at what time."""
    lasts: Duration | None = None
    """How long, each time that it comes."""
    timezone: Timezone | None = None
    """Whose clock `every` goes by."""
    first: Day | None = None
    """The first day on which it may begin."""
    last: Day | None = None
    """The last day on which it may begin."""
    reason: Text = ""
    """Why, or a change number."""
    devices: list[Name] = []
    """Devices in which faults are expected."""
    sites: list[Name] = []
    """Sites whose devices are meant."""
    customers: list[Name] = []
    """Customers whose devices are meant."""
    tags: list[Name] = []
    """Devices with any of these tags are meant."""
    components: list[Text] = []
    """Parts of devices, `device/kind:name`; the name may be a shell pattern."""


End = Annotated[str, Field(min_length=1, max_length=200)]
Link = Annotated[list[End], Field(min_length=2, max_length=2)]


class Document(Section):
    version: Annotated[int, number_one, WithJsonSchema({"const": 1})] = 1
    """Version of this format."""
    agent: Agent = Agent()
    """Where the agent itself stands."""
    policies: Policies = Policies()
    """What was decided about faults, cases and reports."""
    customers: dict[Name, Customer] = {}
    """Those whose networks are watched, by a short name."""
    calendars: dict[Name, Calendar] = {}
    """Public holidays and make-up days, by a short name."""
    contracts: dict[Number, Contract] = {}
    """What was promised, by contract number."""
    sites: dict[Name, Site] = {}
    """Where devices stand, by a short name."""
    channels: dict[Name, Channel] = {}
    """Ways to tell people and programs beside e-mail and console, by a short name."""
    people: dict[Name, Person] = {}
    """Our own people, by a short name."""
    teams: dict[Name, Team] = {}
    """Our teams, by a short name."""
    vendors: dict[Name, WrittenVendor] = {}
    """Vendors' technical assistance centres, by a short name."""
    bridges: dict[Name, WrittenBridge] = {}
    """Other ticket systems in which cases stand too, by a short name."""
    credentials: dict[Name, Credential] = {}
    """How devices are logged in to. Secrets stand here by reference only: `env:NAME` or `file:/path`."""
    jump_hosts: dict[Name, JumpHost] = {}
    """SSH servers through which devices are reached, by a short name."""
    defaults: Defaults = Defaults()
    """What holds for every device that does not say otherwise."""
    groups: dict[Name, Group] = {}
    """What devices share, by name."""
    devices: dict[Name, Device]
    """The devices that are watched, by name."""
    links: list[Link] = []
    """Cables between devices: [device:ifName, device:ifName]; `:ifName` may be left out where LLDP tells it."""
    maintenance: list[Maintenance] = []
    """Times in which faults are expected."""


def json_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of inventory.yaml, for editors; shipped as docs/inventory.schema.json."""
    schema = _tidy(Document.model_json_schema(mode="validation"))
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "netcase inventory"}


def _tidy(schema: Any) -> Any:
    """Without titles that only repeat the key and defaults of nothing; and a key that is no name is refused."""
    if isinstance(schema, list):
        return [_tidy(inner) for inner in schema]
    if not isinstance(schema, dict):
        return schema
    tidy = {key: _tidy(inner) for key, inner in schema.items() if not (key == "title" and isinstance(inner, str))}
    if tidy.get("default", ...) is None:
        del tidy["default"]
    if "patternProperties" in tidy:
        tidy["additionalProperties"] = False
    return tidy
