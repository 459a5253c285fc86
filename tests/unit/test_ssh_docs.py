"""The page on evidence tells what the data and the playbook hold. A failure prints the table as it should stand."""

from pathlib import Path

from agent.cases import playbook
from collectors.ssh import commands

PAGE = (Path(__file__).resolve().parents[2] / "docs/reference/evidence.md").read_text()
SHORT = {
    "cisco_ios": "ios", "cisco_xe": "xe", "cisco_xr": "xr", "cisco_nxos": "nxos", "cisco_asa": "asa",
    "huawei_vrp": "vrp", "hp_comware": "h3c", "juniper_junos": "junos", "arista_eos": "eos", "nokia_sros": "sros",
    "fortinet": "forti", "paloalto_panos": "panos", "mikrotik_routeros": "ros", "ruijie_os": "rgos",
    "zte_zxros": "zte", "linux": "linux",
}  # fmt: skip
TOPICS = [
    "version", "uptime", "log", "interfaces", "interface", "transceivers", "neighbours", "routes", "bgp", "bgp_peer",
    "ospf", "cpu", "memory", "storage", "environment", "alarms", "inventory", "modules", "stack", "redundancy", "clock",
    "snmp", "restart", "configuration", "configuration_saved",
    "configuration_changes", "bfd", "lag", "licences", "tech",
]  # fmt: skip


def stands(table: str) -> bool:
    return table in PAGE


def test_the_table_of_platforms_and_topics_is_the_data():
    rows = [f"| topic | {' | '.join(SHORT.values())} |", f"|---|{':-:|' * len(SHORT)}"]
    for topic in TOPICS:
        marks = ["✓" if topic in commands.of(platform).topics else "–" for platform in SHORT]
        rows.append(f"| `{topic}` | {' | '.join(marks)} |")
    table = "\n".join(rows)
    assert stands(table), f"\n{table}"
    assert all(set(TOPICS) == {*known.topics, *known.none} for known in commands.platforms().values())


def test_the_table_of_platforms_is_the_data():
    rows = ["| platform | also called | in the table | enable | paging |", "|---|---|---|---|---|"]
    for platform, short in SHORT.items():
        known = commands.of(platform)
        names = [name for name, same in commands.platforms().items() if same is known and name != platform]
        paging = "turned off for the session" if known.paging_off else "turned page by page" if known.pagers else "none"
        also, enable = ", ".join(f"`{name}`" for name in names), "yes" if known.enable else ""
        rows.append(f"| `{platform}` | {also} | {short} | {enable} | {paging} |")
    table = "\n".join(rows)
    assert stands(table), f"\n{table}"


def test_the_table_of_what_a_fault_asks_for_is_the_playbook():
    rows = ["| fault | asked, in this order |", "|---|---|"]
    rows += [f"| `{kind}` | {_list(topics)} |" for kind, topics in playbook.BY_KIND.items()]
    rows += ["", "| part | asked for a kind of fault that is not named above |", "|---|---|"]
    rows += [f"| `{part}` | {_list(topics)} |" for part, topics in playbook.BY_COMPONENT.items()]
    table = "\n".join(rows)
    assert stands(table), f"\n{table}"


def _list(topics: tuple[str, ...]) -> str:
    return ", ".join(topics)
