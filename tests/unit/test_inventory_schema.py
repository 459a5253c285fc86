"""The JSON Schema for editors and the reference page say what the parser takes."""

import json
import os
import re
from pathlib import Path
from typing import Any, get_args

import jsonschema
import pytest
import yaml
from pydantic import BaseModel

from agent.cases.case import Severity
from agent.faults.fault import FaultKind
from agent.inventory import document, handbook
from agent.inventory.parse import parse
from agent.inventory.platforms import PLATFORMS

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = ROOT / "docs" / "inventory.schema.json"
REFERENCE = ROOT / "docs" / "reference" / "inventory.md"
DEMONSTRATION = ROOT / "inventory.yaml"
AGAIN = "run NETCASE_WRITE_SCHEMA=1 python -m pytest tests/unit/test_inventory_schema.py"

WELL_FORMED = """
version: 1
agent: {attached_to: [a]}
policies:
  settle: 20s
  gap: 2.5
  confirmation: {cpu_high: {count: 3, hold: 1m}}
  sla: {P1: {response: 15m}}
  daily_report: {at: "07:30", timezone: Asia/Shanghai, languages: [en, zh_CN], to: [noc@example.net]}
  smtp: {host: 127.0.0.1, port: 2525, sender: a@example.net, starttls: true, username: x, password: "file:/run/secret"}
customers: {acme: {title: Acme, team: tac, contacts: [{name: Zhang Wei, email: z@example.com, language: zh_CN}]}}
calendars: {works: {country: CN, add: [2026-12-24], workdays: [2026-12-26]}}
contracts:
  C-1: {customer: acme, starts: 2026-01-01, ends: 2026-12-31, coverage: 7x24, holidays: works, pauses: [with_vendor],
        sla: {P4: {restore: 5wd, on_site: none}}}
sites: {s: {customer: acme, timezone: UTC}}
people: {li: {email: li@example.net, channels: [email, console]}}
teams: {tac: {on_call: [li]}}
credentials:
  v2c: {kind: snmp_v2c, community: "env:C"}
  v3:
    {kind: snmp_v3, user: u, auth_protocol: sha256, auth: "env:A", priv_protocol: aes256c, priv: "env:P", context: blue}
  old: {kind: snmp_v1, community: "env:C"}
  shell: {kind: ssh, username: u, password: "env:P", strict_host_key: false}
defaults: {site: s, polling: {status: 60s, bulk: true, columns_per_pdu: 10}}
groups: {g: {role: core, thresholds: {cpu_pct: 90}}}
devices: {a: {address: 192.0.2.1, group: g, snmp: v2c, ssh: shell}, b: {address: "2001:db8::1", snmp: null}}
links: [[a:1, b], [a:2, b:2]]
maintenance:
  - {name: m, starts: 2026-01-01T00:00:00Z, ends: 2026-01-02T00:00:00+08:00, devices: [a]}
  - {name: n, every: second sat 02:00, lasts: 2h, timezone: UTC, first: 2026-01-01, components: ["a/interface:1"]}
"""


class Core(yaml.SafeLoader):
    """YAML 1.2's core schema, as editors read it: no dates, no numbers to the base 60, only true and false."""


Core.yaml_implicit_resolvers = {}
for tag, pattern, first in (
    ("bool", r"^(true|True|TRUE|false|False|FALSE)$", "tTfF"),
    ("int", r"^[-+]?[0-9]+$", "-+0123456789"),
    ("float", r"^[-+]?[0-9]+\.[0-9]+$", "-+0123456789"),
    ("null", r"^(~|null|Null|NULL|)$", ["~", "n", "N", ""]),
):
    Core.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(pattern), list(first))


def validator() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(document.json_schema())


def core(text: str) -> Any:
    return yaml.load(text, Loader=Core)


def test_the_shipped_schema_is_up_to_date() -> None:
    made = json.dumps(document.json_schema(), indent=2, ensure_ascii=False) + "\n"
    if os.environ.get("NETCASE_WRITE_SCHEMA"):
        SCHEMA.write_text(made, encoding="utf-8")
    assert SCHEMA.read_text(encoding="utf-8") == made, AGAIN


def test_the_schema_is_a_json_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(document.json_schema())


def test_schema_and_parser_take_a_well_formed_inventory() -> None:
    validator().validate(core(WELL_FORMED))
    assert len(parse(WELL_FORMED, "inventory.yaml", lambda name: "x").devices) == 2


@pytest.mark.parametrize(
    ("part", "instead"),
    [
        ("settle: 20s", "settle: 20"),
        ("settle: 20s", "setle: 20s"),
        ("role: core", "role: cor"),
        ("cpu_pct: 90", "cpu_pct: 900"),
        ("port: 2525", "port: 99999"),
        ("env:A", "hunter2"),
        ("kind: ssh", "kind: telnet"),
        ("aes256c", "aes255"),
        ("columns_per_pdu: 10", "columns_per_pdu: 0"),
        ("coverage: 7x24", "coverage: always"),
        ("restore: 5wd", "restore: 5 days"),
        ("pauses: [with_vendor]", "pauses: [new]"),
        ("country: CN", "land: CN"),
        ("address: 192.0.2.1, ", ""),
        ("[a:1, b]", "[a:1]"),
        ("version: 1", "version: 2"),
        ("P1: {", "P7: {"),
        ("cpu_high: {", "cpu_hot: {"),
        ("on_call: [li]", "on_call: li"),
        ("languages: [en, zh_CN]", "languages: [en, fr]"),
        ("devices: {a: ", "devices: {a/b: "),
    ],
)
def test_schema_and_parser_refuse_the_same(part: str, instead: str) -> None:
    assert part in WELL_FORMED
    text = WELL_FORMED.replace(part, instead, 1)
    assert list(validator().iter_errors(core(text)))
    with pytest.raises(Exception, match=r"inventory\.yaml"):
        parse(text, "inventory.yaml", lambda name: "x")


def test_the_demonstration_inventory_is_taken_by_schema_and_parser() -> None:
    text = DEMONSTRATION.read_text(encoding="utf-8")
    validator().validate(core(text))
    inventory = parse(text, "inventory.yaml", lambda name: f"value of {name}")
    assert len(inventory.devices) >= 10
    assert len(inventory.customers) >= 2
    assert len(inventory.sites) >= 3
    assert inventory.links
    assert inventory.attached_to


def examples() -> list[str]:
    """Whole inventories in the documentation."""
    pages = sorted((ROOT / "docs").rglob("*.md"))
    blocks = [
        b
        for p in pages
        for b in re.findall(r"^```yaml\n(.*?)^```", p.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    ]
    return [block for block in blocks if re.search("^devices:", block, re.MULTILINE)]


@pytest.mark.parametrize("text", examples())
def test_every_example_in_the_documentation_is_taken_by_schema_and_parser(text: str) -> None:
    validator().validate(core(text))
    assert parse(text, "inventory.yaml", lambda name: "x").devices


def models(model: type[BaseModel] = document.Document) -> dict[str, type[BaseModel]]:
    found = {model.__name__: model}
    for field in model.model_fields.values():
        waiting = [field.annotation]
        while waiting:
            annotation = waiting.pop()
            waiting.extend(get_args(annotation))
            if isinstance(annotation, type) and issubclass(annotation, BaseModel) and annotation.__name__ not in found:
                found.update(models(annotation))
    return found


def test_every_field_is_described() -> None:
    bare = [
        f"{name}.{key}"
        for name, model in models().items()
        for key, f in model.model_fields.items()
        if not f.description
    ]
    assert bare == []


def sections() -> dict[str, str]:
    """The reference page by its headings."""
    parts = re.split(r"^#+ (.+)$", REFERENCE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


HEADINGS = {
    "Document": "The file",
    "Agent": "agent",
    "Policies": "policies",
    "Confirmation": "policies.confirmation",
    "Flapping": "policies.flapping",
    "Consequence": "policies.severity",
    "Sla": "policies.sla",
    "WrittenReplacing": "policies.rma",
    "WrittenMinimum": "policies.rma.minimum_stock",
    "WrittenVendor": "vendors",
    "WrittenBridge": "bridges",
    "DailyReport": "policies.daily_report",
    "Smtp": "policies.smtp",
    "WrittenMailbox": "policies.mailbox",
    "WrittenCare": "policies.customer",
    "WrittenSurvey": "policies.customer.survey",
    "WrittenWeekly": "policies.weekly_reports",
    "Notifications": "policies.notifications",
    "Rate": "policies.notifications.rate",
    "Channel": "channels",
    "Digest": "people.digest",
    "Customer": "customers",
    "Contact": "customers.contacts",
    "Calendar": "calendars",
    "Contract": "contracts",
    "Site": "sites",
    "Person": "people",
    "Team": "teams",
    "Rung": "teams.levels",
    "Rotation": "teams.levels.rotation",
    "Weekend": "teams.levels.weekend",
    "HolidayRota": "teams.levels.holidays",
    "SnmpV1": "credentials: snmp_v1",
    "SnmpV2c": "credentials: snmp_v2c",
    "SnmpV3": "credentials: snmp_v3",
    "Ssh": "credentials: ssh",
    "JumpHost": "jump_hosts",
    "Defaults": "What devices inherit",
    "Group": "groups",
    "Device": "devices",
    "Polling": "polling",
    "Thresholds": "thresholds",
    "Maintenance": "maintenance",
}


def test_the_reference_explains_every_key() -> None:
    page = sections()
    inherited = document.Defaults.model_fields.keys()
    missing = []
    for name, model in models().items():
        for key in model.model_fields:
            if name in ("Group", "Device") and key in inherited:
                continue  # told once, under what devices inherit
            if not re.search(rf"^\| `{key}` \|", page[HEADINGS[name]], re.MULTILINE):
                missing.append(f"{HEADINGS[name]}: {key}")
    assert missing == []


def test_the_reference_explains_no_key_that_is_not_there() -> None:
    page = sections()
    known = models()
    extra = []
    for name, heading in HEADINGS.items():
        told = re.findall(r"^\| `([^`]+)` \|", page[heading], re.MULTILINE)
        extra += [f"{heading}: {key}" for key in told if key not in known[name].model_fields]
    assert extra == []


def test_the_kinds_of_fault_and_the_severities_are_the_ones_that_there_are() -> None:
    assert set(get_args(handbook.Fault)) == set(FaultKind)
    assert set(get_args(handbook.Level)) == set(Severity)


def test_every_platform_is_one_that_netmiko_knows() -> None:
    from netmiko.ssh_dispatcher import CLASS_MAPPER

    assert set(CLASS_MAPPER) >= PLATFORMS
    assert {"cisco_ios", "cisco_xe", "huawei", "hp_comware", "juniper_junos", "arista_eos", "linux"} <= PLATFORMS
