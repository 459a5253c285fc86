"""A device whose fault joins a case later is asked for evidence, too."""

from datetime import timedelta

from agent.inventory.device import Role
from agent.inventory.policies import Policies
from agent.observation import Batch, ComponentKind, Fact, Observation, Subject, Tier
from agent.pipeline import Pipeline
from agent.storage.engine import SqlStore
from tests.story import START, device, inventory

NAMES = ("r1", "r2", "r3")
ADDRESSES = {name: f"10.255.0.{n}" for n, name in enumerate(NAMES, 1)}


def identity(name: str) -> Batch:
    home = Subject(name, ComponentKind.ADDRESS, ADDRESSES[name])
    return Batch(name, Tier.IDENTITY, START, (Observation(home, Fact.ON_INTERFACE, "lo", f"{ADDRESSES[name]}/32"),))


def lost(name: str, peer: str, seconds: float) -> Batch:
    me, session = Subject(name), Subject(name, ComponentKind.BGP_PEER, ADDRESSES[peer])
    told = (
        Observation(me, Fact.ICMP_REACHABLE, True),
        Observation(me, Fact.SNMP_REACHABLE, True),
        Observation(session, Fact.BGP_STATE, "active"),
    )
    return Batch(name, Tier.STATUS, START + timedelta(seconds=seconds), told)


def test_the_far_end_of_a_session_is_asked_when_it_tells_of_the_loss_a_minute_later(store: SqlStore) -> None:
    devices = [device(name, Role.CORE) for name in NAMES]
    network = inventory(devices, [("r1", "r2"), ("r1", "r3")], ["r1"], policies=Policies(settle=timedelta(0)))
    pipeline = Pipeline(store, network)
    for name in NAMES:
        pipeline.observe(identity(name))

    def both_polls(name: str, peer: str, seconds: float) -> set[str]:
        """Who was asked for evidence by then."""
        pipeline.observe(lost(name, peer, seconds))
        pipeline.observe(lost(name, peer, seconds + 1))
        pipeline.settle(START + timedelta(seconds=seconds + 2))
        with store.read() as tx:
            (case,) = tx.live_cases()
            return {evidence.device for evidence in tx.evidence(case.number)}

    first = both_polls("r2", "r1", 60)
    assert "r3" not in first
    assert both_polls("r3", "r1", 120) >= {*first, "r3"}
    with store.read() as tx:
        asked = [(e.device, e.topic, e.tier) for e in tx.evidence(tx.live_cases()[0].number)]
    assert len(asked) == len(set(asked))
