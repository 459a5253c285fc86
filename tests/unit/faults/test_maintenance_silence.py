"""Which problems lie in a window, and when planned work takes down more than it names."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

import pytest

from agent.faults import correlation, maintenance
from agent.faults.correlation import Problem
from agent.faults.fault import Fault, FaultKind, FaultState
from agent.inventory import topology
from agent.inventory.device import Role
from agent.inventory.inventory import Inventory
from agent.inventory.windows import Window
from agent.observation import Batch, ComponentKind, Fact, Observation, Subject, Tier
from tests.story import START, device, inventory

MINUTE = timedelta(minutes=1)
NOW = START + 30 * MINUTE
ADDRESS = {"core": "10.255.0.1", "dist": "10.255.0.2", "edge": "10.255.0.3"}


def network() -> Inventory:
    devices = [
        device("core", Role.CORE),
        device("dist", Role.DISTRIBUTION),
        device("edge", Role.EDGE, site="annex"),
        device("acc", Role.ACCESS, site="annex"),
    ]
    return inventory(devices, [("core", "dist"), ("dist", "edge"), ("edge", "acc")], ["core"])


def net(known: Inventory) -> topology.Topology:
    told = {
        name: Batch(
            name, Tier.IDENTITY, START,
            (Observation(Subject(name, ComponentKind.ADDRESS, address), Fact.ON_INTERFACE, "lo0", f"{address}/32"),),
        )
        for name, address in ADDRESS.items()
    }  # fmt: skip
    return topology.build(known, told)


INVENTORY = network()
NET = net(INVENTORY)


def fault(subject: str, kind: FaultKind, began: float = 10, **more: object) -> Fault:
    at = START + began * MINUTE
    return Fault(
        id=f"{kind}|{subject}", subject=Subject.parse(subject), kind=kind, state=FaultState.CONFIRMED, began=at,
        reason="", confirmed=at, **more,
    )  # type: ignore[arg-type]  # fmt: skip


def window(name: str = "w", start: float = 0, end: float = 60, **named: Iterable[str]) -> Window:
    named_sets = {key: frozenset(value) for key, value in named.items()}
    return Window(name=name, starts=START + start * MINUTE, ends=START + end * MINUTE, **named_sets)  # type: ignore[arg-type]


def problem(*faults: Fault) -> Problem:
    (found,) = correlation.problems(faults, NET)
    return found


DEAD, CUT = FaultKind.DEVICE_UNREACHABLE, FaultKind.INTERFACE_DOWN
LINK = fault("core/interface:to-dist", CUT)
SESSION = fault(f"core/bgp_peer:{ADDRESS['dist']}", FaultKind.BGP_PEER_DOWN)


@pytest.mark.parametrize(
    ("faults", "named", "silent"),
    [
        ([fault("dist", DEAD)], {"devices": ["dist"]}, True),
        ([fault("dist", DEAD)], {"sites": ["hq"]}, True),
        ([fault("dist", DEAD)], {"devices": ["core"]}, False),
        ([fault("dist", DEAD)], {"components": ["dist/fan:1"]}, False),
        ([fault("dist/fan:1", FaultKind.FAN_FAILED)], {"devices": ["dist"]}, True),
        ([fault("dist/fan:1", FaultKind.FAN_FAILED)], {"components": ["dist/fan:*"]}, True),
        ([fault("dist/fan:2", FaultKind.FAN_FAILED)], {"components": ["dist/fan:1"]}, False),
        ([LINK], {"devices": ["core"]}, True),
        ([LINK], {"devices": ["dist"]}, True),
        ([LINK], {"components": ["dist/interface:to-core"]}, True),
        ([LINK], {"components": ["dist/interface:to-edge"]}, False),
        ([SESSION], {"devices": ["dist"]}, True),
        ([SESSION], {"devices": ["edge"]}, False),
        ([SESSION], {"components": [f"core/bgp_peer:{ADDRESS['dist']}"]}, True),
    ],
)
def test_a_problem_lies_in_a_window_by_its_root_or_by_either_end_of_it(
    faults: list[Fault], named: dict[str, list[str]], silent: bool
) -> None:
    found = maintenance.silencing(problem(*faults), [window(**named)], NET, NOW)
    assert (found is not None) is silent


def test_a_router_that_loses_all_its_sessions_is_silent_when_it_is_named_or_every_other_end_is() -> None:
    others = [fault(f"core/bgp_peer:{ADDRESS[far]}", FaultKind.BGP_PEER_DOWN) for far in ("dist", "edge")]
    crashed = problem(*others)
    assert crashed.subject == Subject("core")
    assert maintenance.silencing(crashed, [window(devices=["core"])], NET, NOW)
    assert maintenance.silencing(crashed, [window(devices=["dist", "edge"])], NET, NOW)
    assert not maintenance.silencing(crashed, [window(devices=["dist"])], NET, NOW), "the other session is not planned"


def test_what_is_told_is_the_window_that_lasts_longest() -> None:
    known = [window("a", 0, 40, devices=["dist"]), window("b", 20, 50, sites=["hq"]), window("c", 31, 90, sites=["hq"])]
    found = maintenance.silencing(problem(fault("dist", DEAD)), known, NET, NOW)
    assert found
    assert maintenance.sentence(found) == "maintenance: b until 2026-03-02T08:50+00:00"


@pytest.mark.parametrize(("began", "silent"), [(5, False), (11, True), (21, True), (26, False)])
def test_a_restart_belongs_to_the_time_in_which_it_may_have_happened(began: float, silent: bool) -> None:
    restart = fault("dist", FaultKind.DEVICE_RESTARTED, began, last_good=START + (began - 2) * MINUTE)
    known = [window(start=10, end=20, devices=["dist"])]
    assert (maintenance.silencing(problem(restart), known, NET, NOW) is not None) is silent


# ---------------------------------------------------------------- more than it names


def test_a_site_that_no_window_names_is_told_when_all_of_it_stays_away() -> None:
    root, behind = fault("dist", DEAD), [fault("edge", DEAD, 11), fault("acc", DEAD, 12)]
    planned = window(devices=["dist"])
    whole = problem(root, *behind)
    found = maintenance.silencing(whole, [planned], NET, NOW)
    assert found

    def beyond(of: Problem, minutes: float) -> tuple[str, ...]:
        return maintenance.beyond(of, found, INVENTORY, NET, START + minutes * MINUTE)

    assert beyond(whole, 16.9) == ()
    assert beyond(whole, 17) == ("annex",)
    assert beyond(problem(root, behind[0]), 40) == (), "one of its devices still answers"
    back = replace(behind[1], recovering=START + 30 * MINUTE)
    assert beyond(problem(root, behind[0], back), 40) == (), "it is on its way back"
    named = maintenance.silencing(whole, [window(devices=["dist", "acc"])], NET, NOW)
    assert named
    assert maintenance.beyond(whole, named, INVENTORY, NET, NOW) == (), "the window names something there"


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        ({"devices": ["dist"]}, ("annex",)),
        ({"devices": ["edge"]}, ()),
        ({"devices": ["dist"], "sites": ["annex"]}, ()),
        ({"components": ["dist/interface:to-edge"]}, ("annex",)),
        ({"components": ["dist/fan:1"]}, ()),
        ({"devices": ["acc"]}, ()),
    ],
)
def test_a_planner_is_told_which_sites_hang_on_the_work(named: dict[str, list[str]], expected: tuple[str, ...]) -> None:
    assert maintenance.takes_down(window(**named), INVENTORY, NET) == expected


def test_what_outlived_a_window_is_told_with_the_last_one_that_held_it() -> None:
    known = [window("a", 5, 15, devices=["dist"]), window("b", 10, 20, sites=["hq"]), window("c", 0, 9, sites=["hq"])]
    found = maintenance.outlived(problem(fault("dist", DEAD)), known, NET, NOW)
    assert found
    assert found.name == "b"
    assert maintenance.outlived(problem(fault("dist", DEAD, 25)), known, NET, NOW) is None
