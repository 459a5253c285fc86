"""A wrong inventory is refused with file, line, key and advice: everything at once, and no secret in it."""

from collections.abc import Callable

import pytest

from agent.errors import InventoryError, Problem
from agent.inventory.parse import parse

TIMES = "starts: 2026-01-01T00:00Z, ends: 2026-01-02T00:00Z"
END = "ends: 2026-01-03T00:00Z, sites: [s]"
NODE = "devices: [d]"
ZONE = "timezone: UTC, devices: [d]"
GOOD = """
version: 1
customers: {acme: {team: tac}, other: }
contracts: {C-1: {customer: acme, starts: 2026-01-01, ends: 2026-12-31}}
sites: {beijing: {customer: acme}, shanghai: {customer: acme}, london: {customer: other}}
people: {li: {email: li@example.net}}
teams: {tac: {on_call: [li]}}
credentials:
  demo: {kind: snmp_v2c, community: "env:SET"}
  shell: {kind: ssh, username: netops, password: "env:SET"}
"""


def set_only(name: str) -> str | None:
    return "a value nobody may see" if name == "SET" else "" if name == "EMPTY" else None


def problems(text: str, file_readable: Callable[[str], bool] | None = None) -> tuple[Problem, ...]:
    with pytest.raises(InventoryError) as caught:
        parse(text, "inventory.yaml", set_only, file_readable)
    assert "a value nobody may see" not in str(caught.value)
    return caught.value.problems


def one(text: str) -> Problem:
    (problem,) = problems(text)
    return problem


def devices(text: str) -> str:
    return f"{GOOD}devices:\n{text}"


def test_an_unknown_key_is_told_with_the_one_that_was_meant() -> None:
    problem = one(devices("  a:\n    address: 192.0.2.1\n    site: beijing\n    adress: x\n"))
    assert problem == Problem("inventory.yaml", 15, "devices.a.adress", "unknown key", "Did you mean address?")
    assert str(problem) == "inventory.yaml:15: devices.a.adress: unknown key. Did you mean address?"


@pytest.mark.parametrize(
    ("text", "key", "line", "advice"),
    [
        ("polcies: {settle: 1s}", "polcies", 1, "Did you mean policies?"),
        ("policies: {setle: 1s}", "policies.setle", 1, "Did you mean settle?"),
        ("policies:\n  daily_report:\n    att: 07:30", "policies.daily_report.att", 3, "Write one of: at"),
        ("policies:\n  sla:\n    P1:\n      respond: 1m", "policies.sla.P1.respond", 4, "response"),
        ("policies: {sla: {P5: {response: 1m}}}", "policies.sla.P5", 1, "P4"),
        ("policies:\n  confirmation: {fan_fail: {count: 1}}", "policies.confirmation.fan_fail", 2, "fan_failed"),
        (
            "customers:\n  c:\n    contacts:\n      - {name: x}\n      - {nam: y, name: z}",
            "customers.c.contacts[1].nam",
            5,
            "name",
        ),
    ],
)
def test_unknown_keys_are_found_at_every_depth(text: str, key: str, line: int, advice: str) -> None:
    (problem,) = [p for p in problems(text) if p.message == "unknown key"]
    assert (problem.key, problem.line) == (key, line)
    assert advice in problem.advice


@pytest.mark.parametrize(
    ("device", "key", "message", "advice"),
    [
        ("snmp_port: abc", "snmp_port", "must be a whole number", "161"),
        ("snmp_port: 70000", "snmp_port", "is too large", "65535"),
        ("tcp_port: 0", "tcp_port", "is too small", "1"),
        ("parents: b", "parents", "must be a list", "[a, b]"),
        ("tags: {a: b}", "tags", "must be a list", "[a, b]"),
        ("role: cor", "role", "is none of the words", "Write one of: core, access"),
        ("reachability: [icmp, ping]", "reachability[1]", "is none of the words", "icmp"),
        ("reachability: []", "reachability", "fewer than 1", "at least 1"),
        ("management: inband", "management", "is none of the words", "in-band"),
        ("platform: cisco_iso", "platform", "unknown platform 'cisco_iso'", "cisco_ios"),
        ("platform: [x]", "platform", "must be a platform", "cisco_ios"),
        ("software_target: [1, 2]", "software_target", "must be text", "one value"),
        ("polling: 60s", "polling", "must be a map", "key: value"),
        ("polling: {status: 60}", "polling.status", "'60' is not a duration", "60s"),
        ("polling: {status: 1 minute}", "polling.status", "is not a duration", "5m"),
        ("polling: {status: 0s}", "polling.status", "too short", "10ms"),
        ("polling: {status: 99999d}", "polling.status", "longer than ten years", "60s"),
        ("polling: {bulk: maybe}", "polling.bulk", "must be true or false", ""),
        ("polling: {timeout: 40s}", "polling", "longer than the status interval of 60s", "Shorten timeout"),
        ("thresholds: {cpu_pct: 101}", "thresholds.cpu_pct", "is too large", "100"),
        ("thresholds: {cpu_pct: nan}", "thresholds.cpu_pct", "must be a number", "90"),
        ("thresholds: {cpu_pct: 50, cpu_clear_pct: 60}", "thresholds.cpu_clear_pct", "is 60, above cpu_pct", "lower"),
        ("availability_target_pct: high", "availability_target_pct", "must be a number", "99.95"),
        ("site: bejing", "site", "unknown site 'bejing'", "Write one of: beijing, london, shanghai"),
        ("contract: C-2", "contract", "unknown contract 'C-2'", "Write C-1"),
        ("group: core", "group", "unknown group 'core'", "Write it under groups: first"),
        ("snmp: dem", "snmp", "unknown credential 'dem'", "Write one of: demo, shell"),
        ("snmp: shell", "snmp", "the credential 'shell' is of kind ssh", "Write demo"),
        ("ssh: demo", "ssh", "the credential 'demo' is of kind snmp_v2c", "Write shell"),
        ("parents: [b]", "parents[0]", "unknown device 'b'", "Write a"),
        ("redundant_with: [b]", "redundant_with[0]", "unknown device 'b'", "Write a"),
        ("redundant_with: [a]", "redundant_with", "names the device itself", "take over"),
        ("parents: [a]", "parents", "the parents run in a circle: a → a", "redundant_with"),
        ("reachability: [snmp]", "reachability", "the device has no snmp credential", "snmp:"),
        (
            "{contract: C-1, site: london}",
            "contract",
            "the contract is acme's, the device's site is other's",
            "customer",
        ),
    ],
)
def test_a_wrong_value_of_a_device_is_told(device: str, key: str, message: str, advice: str) -> None:
    inner = device.strip("{}") if device.startswith("{") else device
    text = inner if "site:" in inner else f"{inner}, site: beijing"
    problem = one(devices(f"  a: {{address: 192.0.2.1, {text}}}\n"))
    assert problem.key == f"devices.a.{key}"
    assert problem.line == 12
    assert message in problem.message
    assert advice in problem.advice


@pytest.mark.parametrize(
    "address",
    ["10.0.0.300", "1::2::3", "a b", "a://b", "-sw1", "sw1..net", "0.0.0.0", "224.0.0.5", '""', "1.2.3.4/24",
     "255.255.255.255", "'::'", "x" * 300, "[1]"],
)  # fmt: skip
def test_what_is_no_address_of_a_device_is_refused(address: str) -> None:
    problem = one(devices(f"  a:\n    address: {address}\n    site: beijing\n"))
    assert (problem.key, problem.line) == ("devices.a.address", 13)
    assert "address" in problem.message + problem.advice


@pytest.mark.parametrize(
    "address", ["192.0.2.1", "'2001:db8::1'", "sw1", "sw1.example.net", "sw_1.example.net", "xn--fiq.cn"]
)
def test_addresses_and_host_names_are_taken(address: str) -> None:
    assert parse(devices(f"  a: {{address: {address}, site: beijing}}\n"), "i", set_only).devices["a"].address


def test_a_device_without_address_and_site_is_told_both() -> None:
    text = "  a: {role: core, address: }\n  b: {address: 192.0.2.1}\n"
    first, both, second = problems(devices(text))
    assert (first.key, first.line) == ("devices.a.address", 12)
    assert (both.key, both.line, both.message) == ("devices.a.site", 12, "is missing")
    assert (second.key, second.line, second.message) == ("devices.b.site", 13, "is missing")
    assert second.advice == "Write one of: beijing, london, shanghai"


def test_a_missing_key_says_what_belongs_there() -> None:
    problem = one(devices("  a: {site: beijing}\n"))
    assert (problem.key, problem.line, problem.message) == ("devices.a.address", 12, "is missing")
    assert problem.advice.startswith("Write address: IPv4 address, IPv6 address or host name")


def test_two_devices_of_one_name_are_told_with_both_lines() -> None:
    problem = one(
        devices("  a: {address: 192.0.2.1, site: beijing}\n  b: {address: b, site: beijing}\n  a: {address: c}\n")
    )
    assert (problem.key, problem.line) == ("devices.a", 14)
    assert problem.message == "two devices have this name, the first in line 12"


def test_any_key_that_stands_twice_is_told() -> None:
    problem = one(devices("  a:\n    address: 192.0.2.1\n    site: beijing\n    address: 192.0.2.2\n"))
    assert (problem.key, problem.line) == ("devices.a.address", 15)
    assert problem.message == "is written twice, first in line 13"


def test_two_devices_of_one_address_are_told() -> None:
    problem = one(devices("  a: {address: 192.0.2.1, site: beijing}\n  b: {address: 192.0.2.1, site: beijing}\n"))
    assert (problem.key, problem.line) == ("devices.b.address", 13)
    assert problem.message == "192.0.2.1 is the address of a already"


def test_one_address_in_two_spellings_is_one_address() -> None:
    text = "  a: {address: '2001:db8::1', site: beijing, snmp: demo}\n"
    text += "  b: {address: '2001:DB8:0::1', site: beijing, snmp: demo}\n"
    assert one(devices(text)).message == "2001:db8::1 snmp port 161 is the address of a already"


@pytest.mark.parametrize(
    ("text", "key", "message"),
    [
        ("customers: {a: {team: tc}}\nteams: {tac: }", "customers.a.team", "unknown team 'tc'"),
        (
            "contracts: {C: {customer: x, starts: 2026-01-01, ends: 2026-01-02}}",
            "contracts.C.customer",
            "unknown customer 'x'",
        ),
        ("sites: {s: {customer: x}}", "sites.s.customer", "unknown customer 'x'"),
        ("teams: {t: {on_call: [x]}}", "teams.t.on_call[0]", "unknown person 'x'"),
        ("groups: {g: {group: h}}", "groups.g.group", "unknown group 'h'"),
        ("groups: {g: {site: h}}", "groups.g.site", "unknown site 'h'"),
        ("defaults: {snmp: h}", "defaults.snmp", "unknown credential 'h'"),
        ("agent: {attached_to: [x]}", "agent.attached_to[0]", "unknown device 'x'"),
        ("links: [[x:1, y:2]]", "links[0][1]", "unknown device 'y'"),
        (
            "maintenance: [{name: m, starts: 2026-01-01T00:00Z, ends: 2026-01-02T00:00Z, devices: [x]}]",
            "maintenance[0].devices[0]",
            "unknown device 'x'",
        ),
        (
            "maintenance: [{name: m, starts: 2026-01-01T00:00Z, ends: 2026-01-02T00:00Z, sites: [x]}]",
            "maintenance[0].sites[0]",
            "unknown site 'x'",
        ),
        (
            "maintenance: [{name: m, starts: 2026-01-01T00:00Z, ends: 2026-01-02T00:00Z, customers: [x]}]",
            "maintenance[0].customers[0]",
            "unknown customer 'x'",
        ),
    ],
)
def test_every_name_must_point_at_something(text: str, key: str, message: str) -> None:
    assert (key, message) in [(p.key, p.message) for p in problems(text)]


def test_an_unknown_name_that_is_inherited_is_told_once_where_it_stands() -> None:
    text = f"{GOOD}groups: {{g: {{site: bejing}}}}\ndevices:\n"
    text += "".join(f"  d{n}: {{address: 192.0.2.{n}, group: g}}\n" for n in range(1, 20))
    problem = one(text)
    assert (problem.key, problem.line) == ("groups.g.site", 11)


@pytest.mark.parametrize(
    ("text", "key", "message"),
    [
        ("contracts: {C: {customer: a, starts: 2026-02-01, ends: 2026-01-31}}", "contracts.C.ends", "before it starts"),
        ("contracts: {C: {customer: a, starts: 2026-02-30, ends: 2027-01-31}}", "contracts.C.starts", "is not a date"),
        ("contracts: {C: {customer: a, starts: 2026-02-01, ends: soon}}", "contracts.C.ends", "'soon' is not a date"),
        ("contracts: {C: {customer: a, starts: 2026-02-01, coverage: 9}}", "contracts.C.coverage", "none of"),
        (f"maintenance: [{{name: m, starts: 2026-01-04T00Z, {END}}}]", "maintenance[0].ends", "before it"),
        (f"maintenance: [{{name: m, starts: 2026-01-02T00:00, {END}}}]", "maintenance[0].starts", "in which time zone"),
        (f"maintenance: [{{name: m, starts: 2026-01-02, {END}}}]", "maintenance[0].starts", "in which time zone"),
        (f"maintenance: [{{name: m, starts: tonight, {END}}}]", "maintenance[0].starts", "'tonight' is not a time"),
        (f"maintenance: [{{name: m, starts: 0001-01-01T00:00+01, {END}}}]", "maintenance[0].starts", "is not a time"),
        (f"maintenance: [{{name: m, {TIMES}}}]", "maintenance[0]", "names no device"),
        ("maintenance: {name: m}", "maintenance", "must be a list"),
        (f"maintenance: [{{name: m, starts: 2026-01-02T00Z, {NODE}}}]", "maintenance[0].ends", "is missing"),
        (f"maintenance: [{{name: m, every: sat 02:00, lasts: 2h, {NODE}}}]", "maintenance[0].timezone", "is missing"),
        (f"maintenance: [{{name: m, every: someday, lasts: 2h, {ZONE}}}]", "maintenance[0].every", "on which days"),
        (f"maintenance: [{{name: m, every: daily 02:00, lasts: 25h, {ZONE}}}]", "maintenance[0].lasts", "longer than"),
        (f"maintenance: [{{name: m, every: daily 02:00, {ZONE}}}]", "maintenance[0].lasts", "is missing"),
        (f"maintenance: [{{name: m, every: daily 02:00, lasts: 2h, {TIMES}}}]", "maintenance[0].starts", "comes once"),
        (f"maintenance: [{{name: m, {TIMES}, lasts: 2h}}]", "maintenance[0].lasts", "comes again"),
        (
            f"maintenance: [{{name: m, {TIMES}, components: [d/interface]}}]",
            "maintenance[0].components[0]",
            "is no component",
        ),
        (
            f"maintenance: [{{name: m, {TIMES}, components: ['d/interfaze:1']}}]",
            "maintenance[0].components[0]",
            "no kind of component",
        ),
        (
            f"maintenance: [{{name: m, {TIMES}, components: ['core-9/interface:1']}}]",
            "maintenance[0].components[0]",
            "unknown device",
        ),
        (
            f"maintenance: [{{name: m, {TIMES}, {NODE}}}, {{name: m, {TIMES}, {NODE}}}]",
            "maintenance[1].name",
            "another window has this name",
        ),
        ("sites: {t: {customer: a, timezone: Asia/Beijing}}", "sites.t.timezone", "'Asia/Beijing' is not a time zone"),
        ("sites: {t: {customer: a, timezone: ../../etc/passwd}}", "sites.t.timezone", "is not a time zone"),
        ("sites: [a]", "sites", "must be a map of names"),
        ("sites: {'a b': {customer: a}}", "sites.a b", "'a b' cannot be a name"),
        ("people: {li: }", "people.li.email", "is missing, and the person is told by e-mail"),
        ("people: {li: {email: li at example}}", "people.li.email", "is not an e-mail address"),
        ("people: {li: {email: 'a@b.c\\nBcc: x@y.z'}}", "people.li.email", "is not an e-mail address"),
        ("people: {li: {channels: [pigeon]}}", "people.li.channels[0]", "unknown channel"),
        ("policies: {daily_report: {at: '25:00'}}", "policies.daily_report.at", "'25:00' is not a time of day"),
        ("policies: {daily_report: {languages: [de]}}", "policies.daily_report.languages[0]", "is none of the words"),
        ("policies: {settle: -5s}", "policies.settle", "'-5s' is not a duration"),
        ("policies: {gap: 0}", "policies.gap", "is too small"),
        ("links: [[d:1, d:2]]", "links[0]", "joins a device to itself"),
        ("links: [[d:1]]", "links[0]", "must be a list of two ends"),
        ("links: [d:1]", "links[0]", "must be a list of two ends"),
        ("links: [[d:1, e:2], [e:2, d:1]]", "links[1]", "stands in the list already"),
        ("version: 2", "version", "reads version 1"),
        ("credentials: {c: {kind: snmp, community: 'env:SET'}}", "credentials.c.kind", "is no kind of credential"),
        ("credentials: {c: {community: 'env:SET'}}", "credentials.c.kind", "is missing"),
        ("credentials: {c: {kind: ssh, username: x}}", "credentials.c", "has neither password nor key_file"),
        ("credentials: {c: {kind: snmp_v3, user: x, auth: env:SET}}", "credentials.c.auth", "without auth_protocol"),
        ("credentials: {c: {kind: snmp_v3, user: x, priv: env:SET, priv_protocol: des}}", "credentials.c.priv", "only"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_beside_an_otherwise_good_inventory(text: str, key: str, message: str) -> None:
    section = text.partition(":")[0]
    rest = {
        "customers": "{a: }",
        "sites": "{s: {customer: a}}",
        "devices": "{d: {address: 192.0.2.1, site: s}, e: {address: 192.0.2.2, site: s}}",
    }
    if section == "sites":
        rest["devices"] = "{d: {address: 192.0.2.1}}"
    whole = text + "\n" + "".join(f"{name}: {value}\n" for name, value in rest.items() if name != section)
    found = [p for p in problems(whole) if p.key == key]
    assert len(found) == 1
    assert message in found[0].message
    assert found[0].line == 1


@pytest.mark.parametrize("name", ["..", ".", "-x", "a/b", "a:b", "a,b", "a b", "''", "x" * 65, '"a\\e"', '"a\\0"'])
def test_what_cannot_be_part_of_a_path_or_a_command_line_is_no_name(name: str) -> None:
    problem = problems(devices(f"  {name}: {{address: 192.0.2.1, site: beijing}}\n"))[0]
    assert problem.line == 12
    assert "cannot be a name" in problem.message


@pytest.mark.parametrize("name", ["bj-core-1", "sw1.example.net", "北京-核心-1", "_x", "1", "no", "x" * 64])
def test_letters_of_every_script_make_a_name(name: str) -> None:
    assert list(parse(devices(f"  {name}: {{address: 192.0.2.1, site: beijing}}\n"), "i", set_only).devices) == [name]


def test_a_circle_of_parents_is_shown() -> None:
    text = "".join(
        f"  {a}: {{address: 192.0.2.{n}, site: beijing, parents: [{b}]}}\n"
        for n, (a, b) in enumerate(["ab", "bc", "ca", "da"], 1)
    )
    problem = one(devices(text))
    assert problem.message == "the parents run in a circle: a → b → c → a"
    assert (problem.key, problem.line) == ("devices.a.parents", 12)


def test_every_circle_is_shown() -> None:
    pairs = ["ab", "ba", "cd", "dc"]
    text = "".join(
        f"  {a}: {{address: 192.0.2.{n}, site: beijing, parents: [{b}]}}\n" for n, (a, b) in enumerate(pairs, 1)
    )
    assert [p.message.partition(": ")[2] for p in problems(devices(text))] == ["a → b → a", "c → d → c"]


def test_a_circle_of_groups_is_shown() -> None:
    text = f"{GOOD}groups:\n  g: {{group: h}}\n  h: {{group: g}}\n  i: {{group: h}}\n"
    text += "devices: {a: {address: 192.0.2.1, group: i}}"
    problem = one(text)
    assert problem.message == "the groups run in a circle: g → h → g"
    assert problem.line == 12


def test_a_missing_environment_variable_is_told_with_the_command_that_sets_it() -> None:
    text = "credentials:\n  c:\n    kind: snmp_v2c\n    community: env:NOT_THERE\n"
    text += "  d: {kind: snmp_v2c, community: 'env:EMPTY'}\n"
    first, second = problems(GOOD.replace("credentials:\n", text) + "devices: {a: {address: 192.0.2.1, site: beijing}}")
    assert (first.line, first.key) == (11, "credentials.c.community")
    assert first.message == "the environment variable NOT_THERE is not set"
    assert first.advice == "Run: export NOT_THERE=…"
    assert second.message == "the environment variable EMPTY is empty"


def test_a_missing_secret_file_is_told() -> None:
    text = devices("  a: {address: 192.0.2.1, site: beijing}\n").replace('"env:SET"', '"file:/run/secrets/x"', 1)
    (problem,) = problems(text, lambda path: path != "/run/secrets/x")
    assert (problem.line, problem.key) == (9, "credentials.demo.community")
    assert problem.message == "the file /run/secrets/x is missing or cannot be read"


def test_without_eyes_for_files_none_is_looked_for() -> None:
    text = devices("  a: {address: 192.0.2.1, site: beijing}\n").replace('"env:SET"', '"file:/run/secrets/x"', 1)
    assert parse(text, "i", set_only).devices


@pytest.mark.parametrize(
    "credential",
    [
        "{kind: snmp_v2c, community: hunter2}",
        "{kind: snmp_v2c, community: 'env:hunter2 '}",
        "{kind: snmp_v2c, community: [hunter2]}",
        "{kind: snmp_v2c, comunity: hunter2, community: 'env:SET'}",
        "{kind: hunter2}",
        "{kind: snmp_v2c, community: 'env:SET', port: hunter2}",
        "{kind: snmp_v3, user: u, auth_protocol: hunter2, auth: 'env:SET'}",
        "{kind: ssh, username: u, password: hunter2}",
        "{kind: ssh, username: u, password: 'env:SET', strict_host_key: hunter2}",
        "hunter2",
        "[hunter2]",
    ],
)
def test_a_secret_in_the_clear_is_refused_and_not_repeated(credential: str) -> None:
    told = problems(
        f"credentials:\n  c: {credential}\ncustomers: {{a: }}\nsites: {{s: {{customer: a}}}}\n"
        "devices: {d: {address: 192.0.2.1, site: s}}"
    )
    assert told
    assert all(problem.line == 2 for problem in told)
    assert "hunter2" not in "\n".join(map(str, told))


def test_a_mail_password_in_the_clear_is_refused_and_not_repeated() -> None:
    told = problems("policies:\n  smtp: {host: mail, username: u, password: hunter2}\n")
    assert told[0].key == "policies.smtp.password"
    assert "env:NAME" in told[0].advice
    assert "hunter2" not in "\n".join(map(str, told))


def test_everything_is_told_at_once_in_the_order_of_the_lines() -> None:
    text = devices(
        """\
  a: {address: 10.0.0.300, site: bejing, rol: core}
  b: {address: 192.0.2.2, site: beijing, snmp_port: x, parents: [c]}
  a: {address: 192.0.2.9}
links: [[a:1, z:2]]
wrong: 1
"""
    )
    told = problems(text)
    assert [(p.line, p.key) for p in told] == [
        (12, "devices.a.address"),
        (12, "devices.a.rol"),
        (12, "devices.a.site"),
        (13, "devices.b.snmp_port"),
        (13, "devices.b.parents[0]"),
        (14, "devices.a"),
        (15, "links[0][1]"),
        (16, "wrong"),
    ]


def test_a_malformed_entry_hides_nothing_else_that_is_wrong_with_it() -> None:
    text = GOOD.replace("credentials:", "credentials:\n  v3: {kind: snmp_v3, user: u, auth_protocol: x, priv: env:NO}")
    text += (
        "devices:\n  a: {address: x, role: y, site: beijing, parents: [b]}\n  b: {address: y, site: z, parents: [a]}\n"
    )
    told = {(p.line, p.key) for p in problems(text)}
    assert told == {
        (9, "credentials.v3.auth_protocol"),
        (9, "credentials.v3.priv"),
        (13, "devices.a.role"),
        (13, "devices.a.parents"),
        (14, "devices.b.site"),
    }
    messages = [p.message for p in problems(text)]
    assert "the environment variable NO is not set" in messages
    assert "SNMPv3 encrypts only what it authenticates" in messages
    assert "the parents run in a circle: a → b → a" in messages
