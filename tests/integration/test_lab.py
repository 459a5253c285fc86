"""An agent on six real FRR routers: what breaks there becomes one case each, with the right root and real evidence.

The routers run OSPF, BGP, net-snmp, lldpd, rsyslog and OpenSSH in network namespaces; nothing outside is touched.
The tests share one network and one agent, break one thing each, and leave it mended.
"""

import json
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.integration import lab_agent
from tests.integration.lab_agent import Agent, Case, Lab, patiently

WHY_NOT = lab_agent.missing()
pytestmark = [
    pytest.mark.lab,
    pytest.mark.timeout(300),
    pytest.mark.skipif(bool(WHY_NOT), reason=f"the FRR lab: {WHY_NOT}"),
]


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab().running() as lab:
        yield lab


@pytest.fixture(scope="module")
def agent(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Agent]:
    agent = Agent(lab, tmp_path_factory.mktemp("agent"))
    agent.prepare()
    agent.start()
    try:
        patiently("every router to be polled and found in order", agent.everything_seen, 60)
        yield agent
    finally:
        code = agent.stop()
        print(agent.log[-20_000:])
    assert code == 0, "the agent did not end as asked"


# ---------------------------------------------------------------- what the routers tell of each other

CABLES = {  # as the lab's description draws them, and what speaks across each beside LLDP
    ("r1:eth1", "r2:eth1"): "ospf",
    ("r1:eth2", "r3:eth1"): "ospf",
    ("r2:eth2", "r4:eth1"): "ospf",
    ("r3:eth2", "r4:eth2"): "ospf",
    ("r4:eth3", "r6:eth1"): "ospf",
    ("r1:eth3", "r5:eth1"): "bgp",
    ("r2:eth3", "r5:eth2"): "bgp",
}


class Discovery:
    """`netcase discover --ask` in the operations centre, with an inventory that says less or other than is true."""

    def __init__(self, lab: Lab, folder: Path) -> None:
        self._lab, self._described, self.file = lab, lab.describe(), folder / "inventory.yaml"
        self._environment = lab_agent.secrets(self._described) | {
            "NETCASE_INVENTORY": str(self.file),
            "NETCASE_DATA": str(folder / "data"),
        }

    def write(self, links: list[list[str]], without: tuple[str, ...] = ()) -> None:
        self.file.with_name("known_hosts").touch()
        document = lab_agent.inventory(self._described, self.file.with_name("known_hosts"))
        document["devices"] = {name: d for name, d in document["devices"].items() if name not in without}
        document["links"] = links
        if not links:
            del document["links"]
        self.file.write_text(yaml.safe_dump(document, sort_keys=False))

    def __call__(self, *arguments: str) -> str:
        return self._lab("noc", str(lab_agent.NETCASE), "discover", "--ask", *arguments, environment=self._environment)

    def proposals(self) -> list[dict[str, Any]]:
        return list(json.loads(self("--json")))


def test_discovery_proposes_the_cables_that_are_there_and_no_others(lab: Lab, tmp_path: Path):
    discover = Discovery(lab, tmp_path)
    discover.write(links=[])
    found = patiently("LLDP to have told all", lambda: seen_at_all_ends(discover.proposals()), 60)
    assert {tuple(p["about"]): set(p["seen"]) for p in found} == {
        (a, b): {f"{end} ({by})" for end in (a, b) for by in ("lldp", protocol)} for (a, b), protocol in CABLES.items()
    }
    assert "agree" in discover("--accept", "links", "--lang", "en")
    assert {tuple(link) for link in yaml.safe_load(discover.file.read_text())["links"]} == set(CABLES)
    assert discover.proposals() == []


def test_discovery_names_a_wrong_link_and_a_router_that_is_left_out(lab: Lab, tmp_path: Path):
    discover = Discovery(lab, tmp_path)
    right = [[a, b] for a, b in CABLES if "r5" not in a + b and a not in ("r1:eth1", "r1:eth2")]
    discover.write(links=[["r1:eth1", "r3:eth1"], *right], without=("r5",))
    wrong, stranger = discover.proposals()
    assert (wrong["kind"], wrong["about"]) == ("contradiction", ["r1:eth1", "r3:eth1", "r1:eth1", "r2:eth1"])
    assert (stranger["kind"], stranger["about"][:2]) == ("stranger", ["r5", "10.255.0.5"])
    assert set(stranger["seen"]) == {f"{end} ({by})" for end in ("r1:eth3", "r2:eth3") for by in ("lldp", "bgp")}


def seen_at_all_ends(found: list[dict[str, Any]]) -> list[dict[str, Any]] | None:
    return found if sum("(lldp)" in end for p in found for end in p["seen"]) >= 2 * len(CABLES) else None


# ---------------------------------------------------------------- what breaks


def test_a_pulled_cable_is_one_case_whose_root_is_the_link(lab: Lab, agent: Agent):
    case = the_one_case(agent, lambda: lab.fault("carrier", "r1", "r2"))
    try:
        assert (case.kind, case.subject) == ("interface_down", "r1/interface:eth1")
        assert case.severity == "P3"
        near, far = case.transcript("r1", "show interface eth1"), case.transcript("r2", "show interface eth1")
        assert "Interface eth1 is up, line protocol is down" in near, "no carrier"
        assert "Interface eth1 is down" in far
        assert "both ends of r1:eth1--r2:eth1 are one link" in why(agent, case)
    finally:
        lab.heal("carrier", "r1", "r2")
    moves_on_and_tells_nobody_twice(agent, case)


def test_a_dead_bgp_daemon_is_one_case_at_its_router_and_its_peers_are_symptoms(lab: Lab, agent: Agent):
    case = the_one_case(agent, lambda: lab.fault("daemon", "r1", "bgpd"))
    try:
        assert (case.kind, case.subject, case.site) == ("bgp_peer_down", "r1", "backbone")
        assert {f"{router}/bgp_peer:10.255.0.1" for router in ("r2", "r3", "r4")} <= case.subjects
        assert "r5/bgp_peer:10.0.15.1" in case.subjects
        assert "bgpd is not running" in case.transcript("r1", "show ip bgp summary")
        assert re.search(r"10\.255\.0\.1 .* (Active|Connect|Idle) ", case.transcript("r2", "show ip bgp summary"))
        assert "4 BGP sessions are down, and r1 is an end of each" in why(agent, case)
    finally:
        lab.heal("daemon", "r1", "bgpd")
    moves_on_and_tells_nobody_twice(agent, case)


def test_a_router_without_power_is_one_case_and_the_branch_behind_it_a_symptom(lab: Lab, agent: Agent):
    case = the_one_case(agent, lambda: lab.fault("off", "r4"))
    try:
        assert (case.kind, case.subject) == ("device_unreachable", "r4")
        assert ("device_unreachable", "r6") in case.symptoms
        assert {("interface_down", "r2/interface:eth2"), ("interface_down", "r3/interface:eth2")} <= case.symptoms
        assert {row["device"] for row in case.shown["evidence"]} == {"r2", "r3"}, "r4 and r6 cannot be asked"
        for router in ("r2", "r3"):
            assert "Interface eth2 is up, line protocol is down" in case.transcript(router, "show interface eth2")
        assert "behind r4, which does not answer" in why(agent, case)
    finally:
        lab.heal("off", "r4")
    moves_on_and_tells_nobody_twice(agent, case)


# ---------------------------------------------------------------- what all of them ask


def the_one_case(agent: Agent, breaking: Callable[[], None]) -> Case:
    """Breaks something, and returns the case that comes of it, when its picture has been still for a while."""
    before = agent.numbers()
    breaking()
    number = min(patiently("a case", lambda: agent.numbers() - before, 45))
    case = patiently("all evidence of the case", lambda: without_wait(agent.case(number)), 120)
    time.sleep(12 if case.kind == "device_unreachable" else 3)  # BGP believes a peer for 9 s after its path is gone
    assert agent.numbers() - before == {number}, [agent.case(n).shown["case"] for n in agent.numbers() - before]
    return case.again()


def why(agent: Agent, case: Case) -> set[str]:
    """What `netcase explain` gives as reasons: of the case's decisions, and of each of its faults."""
    told = agent.json("explain", case.name)
    return {reason for decision in told["decisions"] for reason in decision["reasons"]} | {
        fault["because"] for fault in told["faults"]
    }


def without_wait(case: Case) -> Case | None:
    return None if case.waits_for_evidence() else case


def moves_on_and_tells_nobody_twice(agent: Agent, case: Case) -> None:
    cases = agent.numbers()
    mended = patiently("the case to move on", lambda: in_state(case.again(), "monitoring"), 60)
    patiently("every fault to be over", agent.everything_seen, 60)
    assert mended.told == case.told
    assert len(case.told) == 1, "one person is on call, and was told once"
    assert agent.numbers() == cases, "mending opened another case"


def in_state(case: Case, state: str) -> Case | None:
    return case if case.state == state else None
