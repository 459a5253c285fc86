"""A well-formed inventory becomes the domain's own devices, sites, people, windows and policies."""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from agent import settings
from agent.inventory.customers import Language
from agent.inventory.device import HostKeys, Management, Method, Polling, Role, Secret, Thresholds
from agent.inventory.hours import OFFICE
from agent.inventory.inventory import Inventory, Link
from agent.inventory.parse import parse
from agent.inventory.policies import Confirmation, Policies
from agent.inventory.promises import within

WHOLE = """
version: 1
agent: {attached_to: [bj-core-1, bj-core-2]}
policies:
  settle: 500ms
  quiet: 10m
  confirmation: {device_unreachable: {count: 3, hold: 5s}, cpu_high: {count: 4}}
  sla: {P1: {response: 5m}}
  daily_report: {at: 07:05, timezone: Asia/Shanghai, languages: [en, zh_CN], to: [noc@example.net]}
  smtp: {host: 127.0.0.1, port: 2525, sender: netcase@example.net, password: "env:MAIL"}
customers:
  acme:
    title: Acme 银行
    team: tac
    contacts: [{name: Zhang Wei, email: zhang@example.com, phone: "+86 10 1", language: zh_CN, notify: false}]
contracts:
  C-2026/001: {customer: acme, starts: 2026-01-01, ends: 2026-12-31, coverage: 5x8, availability_target_pct: 99.95}
sites:
  beijing: {customer: acme, title: Beijing HQ, timezone: Asia/Shanghai}
people:
  li: {name: Li Na, email: li@example.net, language: zh_CN, channels: [email, console]}
  wang: {channels: [console]}
teams:
  tac: {on_call: [li, wang]}
credentials:
  v2c: {kind: snmp_v2c, community: "env:COMMUNITY", port: 1161}
  v3: {kind: snmp_v3, user: monitor, auth_protocol: sha256, auth: env:AUTH, priv_protocol: aes128, priv: "file:/run/p"}
  shell: {kind: ssh, username: netops, password: "env:PASSWORD", enable: "env:ENABLE", strict_host_key: false}
defaults:
  reachability: [icmp, snmp]
  snmp: v2c
  ssh: shell
  polling: {status: 30s, timeout: 1s}
  tags: [everything]
groups:
  campus: {site: beijing, polling: {health: 2m, retries: 3}, thresholds: {cpu_pct: 70}}
  core: {group: campus, role: core, contract: C-2026/001, polling: {retries: 2}}
devices:
  bj-core-1:
    address: 127.0.1.1
    group: core
    platform: cisco_ios
    redundant_with: [bj-core-2]
    software_target: 17.10
    polling: {bulk: false}
    thresholds: {memory_pct: 80, memory_clear_pct: 60}
  bj-core-2: {address: "2001:DB8:0::1", group: core, snmp: v3, snmp_port: 16100, ssh_port: 16122, tags: [a, b]}
  no: {address: sw1.Example.net, site: beijing, parents: [bj-core-1], management: out-of-band,
       ssh: ~, snmp: null, reachability: [tcp], tcp_port: 443}
links:
  - [bj-core-1:Gi0/1, bj-core-2:Gi0/1]
  - [bj-core-1, "no:eth0: left"]
maintenance:
  - {name: upgrade, starts: 2026-11-22T01:00:00+08:00, ends: 2026-11-21T19:00:00Z, sites: [beijing], tags: [a]}
"""


def parsed(text: str = WHOLE) -> Inventory:
    return parse(text, "inventory.yaml", lambda name: f"value of {name}", lambda path: True)


def test_a_device_takes_over_from_defaults_and_groups_and_maps_merge_key_by_key() -> None:
    device = parsed().devices["bj-core-1"]
    assert device.role is Role.CORE
    assert device.site == "beijing"
    assert device.customer == "acme"
    assert device.contract == "C-2026/001"
    assert device.polling == Polling(
        status=timedelta(seconds=30),
        timeout=timedelta(seconds=1),
        health=timedelta(minutes=2),
        retries=2,
        bulk=False,
    )
    assert device.reachability == (Method.ICMP, Method.SNMP)
    assert device.tags == {"everything"}


def test_a_device_covers_what_its_group_says() -> None:
    device = parsed().devices["bj-core-2"]
    assert device.tags == {"a", "b"}
    assert device.polling.bulk is True
    assert device.snmp is not None
    assert (device.snmp.version, device.snmp.port, device.snmp.auth_protocol) == ("v3", 16100, "sha256")
    assert device.snmp.auth == Secret("env:AUTH")
    assert device.snmp.priv == Secret("file:/run/p")
    assert device.ssh is not None
    assert device.ssh.port == 16122


def test_an_empty_key_takes_back_what_would_be_inherited() -> None:
    device = parsed().devices["no"]
    assert device.ssh is None
    assert device.snmp is None
    assert device.reachability == (Method.TCP,)
    assert device.tcp_port == 443
    assert device.management is Management.OUT_OF_BAND


def test_credentials_stay_references() -> None:
    device = parsed().devices["bj-core-1"]
    assert device.snmp is not None
    assert device.snmp.community == Secret("env:COMMUNITY")
    assert device.snmp.port == 1161
    assert device.ssh is not None
    assert device.ssh.password == Secret("env:PASSWORD")
    assert device.ssh.enable == Secret("env:ENABLE")
    assert device.ssh.host_keys is HostKeys.ACCEPT_NEW
    assert "value of" not in repr(parsed())


def test_old_and_odd_snmp_agents_are_asked_as_they_need_it() -> None:
    inventory = parsed(
        "customers: {a: }\nsites: {s: {customer: a}}\n"
        "credentials:\n"
        "  old: {kind: snmp_v1, community: 'env:C'}\n"
        "  odd: {kind: snmp_v3, user: u, auth_protocol: sha1, auth: 'env:A', priv_protocol: aes256c, priv: 'env:P',"
        " context: vrf-blue}\n"
        "defaults: {site: s, polling: {columns_per_pdu: 2}}\n"
        "devices: {d: {address: 192.0.2.1, snmp: old}, e: {address: 192.0.2.2, snmp: odd}}"
    )
    old, odd = inventory.devices["d"], inventory.devices["e"]
    assert old.snmp is not None and (old.snmp.version, old.snmp.community) == ("v1", Secret("env:C"))
    assert odd.snmp is not None and (odd.snmp.priv_protocol, odd.snmp.context) == ("aes256c", "vrf-blue")
    assert old.polling.columns_per_pdu == 2


def test_addresses_take_their_shortest_form() -> None:
    devices = parsed().devices
    assert devices["bj-core-2"].address == "2001:db8::1"
    assert devices["no"].address == "sw1.example.net"


def test_a_version_that_looks_like_a_number_keeps_its_last_zero() -> None:
    assert parsed().devices["bj-core-1"].software_target == "17.10"


def test_a_device_may_be_named_no() -> None:
    assert parsed().devices["no"].name == "no"


def test_a_clearing_level_that_nobody_wrote_keeps_its_distance() -> None:
    thresholds = parsed().devices["bj-core-1"].thresholds
    assert (thresholds.cpu_pct, thresholds.cpu_clear_pct) == (70, 60)
    assert (thresholds.memory_pct, thresholds.memory_clear_pct) == (80, 60)
    assert parsed().devices["no"].thresholds == Thresholds()


def test_links_know_their_interfaces() -> None:
    assert parsed().links == (
        Link("bj-core-1", "Gi0/1", "bj-core-2", "Gi0/1"),
        Link("bj-core-1", "", "no", "eth0: left"),
    )


def test_maintenance_windows_are_in_utc() -> None:
    (window,) = parsed().windows
    assert window.starts == datetime(2026, 11, 21, 17, tzinfo=UTC)
    assert window.ends == datetime(2026, 11, 21, 19, tzinfo=UTC)
    assert window.starts.tzinfo is UTC
    assert (window.sites, window.tags, window.devices) == ({"beijing"}, {"a"}, frozenset())


def test_policies_cover_the_defaults_one_by_one() -> None:
    policies = parsed().policies
    assert policies.settle == timedelta(milliseconds=500)
    assert policies.grace == Policies().grace
    assert policies.confirmation["device_unreachable"] == Confirmation(count=3, hold=timedelta(seconds=5))
    assert policies.confirmation["cpu_high"] == Confirmation(count=4)
    assert policies.sla["P1"].response == within(minutes=5)
    assert policies.sla["P1"].restore == within(hours=2)
    assert policies.sla["P4"] == Policies().sla["P4"]
    assert policies.daily_report.at == time(7, 5)
    assert policies.daily_report.languages == (Language.EN, Language.ZH_CN)
    assert policies.daily_report.to == ("noc@example.net",)
    assert policies.smtp is not None
    assert (policies.smtp.port, policies.smtp.password) == (2525, "env:MAIL")


def test_customers_contracts_sites_people_and_teams_are_known_by_their_keys() -> None:
    inventory = parsed()
    customer = inventory.customers["acme"]
    assert (customer.title, customer.team, customer.availability_target_pct) == ("Acme 银行", "tac", 99.9)
    assert customer.contacts[0].language is Language.ZH_CN
    assert customer.contacts[0].phone == "+86 10 1"
    assert customer.contacts[0].notify is False
    contract = inventory.contracts["C-2026/001"]
    assert (contract.starts, contract.ends) == (date(2026, 1, 1), date(2026, 12, 31))
    assert contract.covers(date(2026, 12, 31))
    assert (contract.coverage, contract.availability_target_pct) == (OFFICE, 99.95)
    assert inventory.sites["beijing"].timezone == "Asia/Shanghai"
    assert inventory.people["li"].name == "Li Na"
    assert inventory.people["li"].channels == ("email", "console")
    assert inventory.people["wang"].name == "wang"
    assert inventory.teams["tac"].on_call == ("li", "wang")
    assert inventory.attached_to == ("bj-core-1", "bj-core-2")


def test_three_lines_are_enough() -> None:
    inventory = parsed("customers: {a: }\nsites: {s: {customer: a}}\ndevices: {d: {address: 192.0.2.1, site: s}}")
    device = inventory.devices["d"]
    assert device.reachability == (Method.ICMP,)
    assert device.snmp is None
    assert device.polling == Polling()
    assert inventory.policies == Policies()


def test_two_devices_may_share_an_address_on_ports_of_their_own() -> None:
    inventory = parsed(
        """
customers: {a: }
sites: {s: {customer: a}}
credentials: {c: {kind: snmp_v2c, community: "env:C"}}
defaults: {site: s, snmp: c}
devices:
  one: {address: 127.0.0.1, snmp_port: 16101}
  two: {address: 127.0.0.1, snmp_port: 16102}
"""
    )
    assert len(inventory.devices) == 2


@pytest.mark.parametrize(
    "word", ["10:20:30:40:50:59", "no", "on", "1e3", "0x1F", "010", "2026-11-22", "17.10", "=", "1_000"]
)
def test_plain_words_stay_as_they_are_written(word: str) -> None:
    text = (
        f"customers: {{a: {{title: {word}}}}}\nsites: {{s: {{customer: a}}}}\ndevices: {{d: {{address: x, site: s}}}}"
    )
    assert parsed(text).customers["a"].title == word


def test_a_file_becomes_an_inventory_in_two_lines(tmp_path: Path) -> None:
    path = tmp_path / "inventory.yaml"
    (tmp_path / "secret").write_text("s3cret\n")
    text = WHOLE.replace("file:/run/p", f"file:{tmp_path / 'secret'}")
    path.write_text(text, encoding="utf-8")
    inventory = parse(settings.read_text(path), str(path), lambda name: "x", settings.readable)
    snmp = inventory.devices["bj-core-2"].snmp
    assert snmp is not None
    assert snmp.priv is not None
    assert settings.secret(snmp.priv.reference) == "s3cret"
