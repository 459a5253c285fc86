"""Stories of a device that is reached past the network: whether it is lost, or only our way to it."""

from dataclasses import dataclass, field

import pytest

from agent.cases.case import Severity
from agent.faults.fault import FaultKind
from agent.inventory.device import Management, Role
from agent.ports import Store
from tests.story import Network, Story, device, inventory


@dataclass
class OutOfBand(Network):
    unmanaged: set[str] = field(default_factory=set)  # their management cable is out

    def answers(self, name: str) -> bool:
        return name not in self.unmanaged and super().answers(name)


@pytest.fixture
def story(store: Store) -> Story:
    devices = [device(name, Role.CORE, management=Management.OUT_OF_BAND) for name in ("r1", "r2", "r3")]
    devices += [device(name, Role.ACCESS, site="far") for name in ("a1", "a2")]
    links = [("r1", "r2"), ("r2", "r3"), ("r1", "r3"), ("r3", "a1"), ("r3", "a2")]
    network = OutOfBand(inventory(devices, links, ["r1"]))
    network.peers = {"r1": {"r2", "r3"}, "r2": {"r1", "r3"}, "r3": {"r1", "r2"}}
    return Story(store, network).run(minutes=3)


def reasons(story: Story) -> str:
    return "\n".join(story.timeline(story.only_case()))


def test_a_router_whose_management_cable_is_out_is_not_lost_while_its_neighbours_speak_with_it(story: Story) -> None:
    story.network.unmanaged.add("r2")  # type: ignore[attr-defined]
    story.run(minutes=4)
    case = story.only_case()
    assert (case.kind, str(case.subject), case.severity) == (FaultKind.DEVICE_UNREACHABLE, "r2", Severity.P3)
    assert "the neighbours of r2 still see it: the way to it is lost, not the device" in reasons(story)


def test_it_is_lost_as_soon_as_they_lose_it_too(story: Story) -> None:
    story.network.unmanaged.add("r2")  # type: ignore[attr-defined]
    story.run(minutes=4).kill("r2").run(minutes=4)
    case = story.only_case()
    assert case.severity is Severity.P2
    assert "raised from P3 to P2" in reasons(story)


def test_a_dead_router_is_lost_from_the_beginning(story: Story) -> None:
    story.kill("r2").run(minutes=4)
    assert story.only_case().severity is Severity.P2
