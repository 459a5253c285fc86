"""Interfaces, links, sites and the hours that count, from whatever is known of a network's past."""

import itertools
from dataclasses import replace
from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.errors import UsageError
from agent.faults.availability import Availability, Interval, Span
from agent.faults.availability import standing as standings
from agent.faults.availability.past import Past
from agent.faults.availability.standing import By, Hours
from agent.inventory import topology
from agent.inventory.customers import Contract, Customer, Site
from agent.inventory.device import Device, Role, SnmpAccess
from agent.inventory.hours import Hours as Covered
from agent.inventory.inventory import Inventory, Link
from agent.inventory.policies import Policies
from agent.inventory.windows import Window
from agent.observation import ComponentKind, Subject
from tests.unit.faults.history import DAY, at, down, hours, interval, kind_at, many, moments, periods, span, states

R1, R2 = Subject("r1"), Subject("r2")
A, B = (Subject(name, ComponentKind.INTERFACE, "e1") for name in ("r1", "r2"))
CONTRACT = Contract(number="C", customer="acme", starts=date(2026, 1, 1), ends=date(2027, 1, 1))


def inventory(**more: object) -> Inventory:
    made = {
        name: Device(name=name, address="192.0.2.1", customer="acme", site=name, role=role, snmp=SnmpAccess())
        for name, role in (("r1", Role.CORE), ("r2", Role.ACCESS))
    }
    known: dict[str, object] = {
        "devices": made,
        "customers": {"acme": Customer(name="acme", availability_target_pct=90.0)},
        "sites": {name: Site(name=name, customer="acme", timezone="Asia/Shanghai") for name in made},
        "links": (Link("r1", "e1", "r2", "e1"),),
        "attached_to": ("r1",),
    }
    return Inventory(**{**known, **more})  # type: ignore[arg-type]


def past(
    *known: Interval,
    told: dict[str, list[Span]] | None = None,
    of: Inventory | None = None,
    windows: tuple[Window, ...] = (),
    period: Span = DAY,
) -> Past:
    """Everything was asked, and answered by SNMP, all day, unless `told` says when."""
    network, by_subject = of or inventory(), {}
    for each in known:
        by_subject.setdefault(each.subject, []).append(each)
    whole = {name: [period] for name in network.devices}
    return Past(network, topology.build(network), period, whole, told or whole, by_subject, windows)


def always(*subjects: Subject) -> list[Interval]:
    return [interval("up", -5, None, subject) for subject in subjects]


def test_an_interface_is_down_while_it_says_so_and_planned_while_switched_off():
    known = [
        interval("up", -5, 2, A),
        down(2, 4, A),
        interval("up", 4, 10, A),
        interval("admin_down", 10, 13, A),
        interval("up", 13, None, A),
    ]
    assert past(*known).interface(A).sums == hours(up=19, down=2, planned=3)


def test_an_interface_is_unobserved_while_it_was_not_there_or_its_device_did_not_tell():
    known = [interval("up", 6, 12, A), interval("up", 14, None, A)]
    found = past(*known, told={"r1": [span(0, 20)]}).interface(A).sums
    assert found == hours(up=12, unobserved=12)


def test_an_interface_that_nobody_ever_saw_is_unobserved():
    assert past().interface(A).sums == hours(unobserved=24)


def test_a_window_may_name_one_interface_alone():
    window = Window(name="w", starts=at(1), ends=at(3), components=frozenset({"r1/interface:e1"}))
    found = past(*always(B), interval("up", -5, 2, A), down(2, None, A), windows=(window,))
    assert found.interface(A).sums == hours(up=1, planned=2, down=21)
    assert found.interface(B).sums == hours(up=24)
    assert found.device("r1").sums == hours(up=24)


def test_a_link_is_down_when_either_end_is():
    a = [interval("up", -5, 2, A), down(2, 5, A), interval("up", 5, None, A)]
    b = [interval("up", -5, 4, B), down(4, 7, B), interval("up", 7, None, B)]
    found = past(*a, *b)
    assert found.link(found.net.links[0]).sums == hours(up=19, down=5)


def test_a_link_is_observed_while_either_end_is():
    found = past(*always(A, B), told={"r1": [span(0, 10)], "r2": [span(5, 20)]})
    assert found.link(found.net.links[0]).sums == hours(up=20, unobserved=4)


def test_work_on_either_device_makes_a_cut_of_their_link_planned():
    window = Window(name="w", starts=at(3), ends=at(6), devices=frozenset({"r2"}))
    found = past(*always(B), interval("up", -5, 2, A), down(2, 7, A), interval("up", 7, None, A), windows=(window,))
    assert found.link(found.net.links[0]).sums == hours(up=19, down=2, planned=3)


def test_a_link_that_nobody_asks_about_is_unobserved_and_carries_on_a_path():
    mute = inventory()
    deaf = replace(mute, devices={name: replace(device, snmp=None) for name, device in mute.devices.items()})
    found = past(of=deaf)
    assert found.link(found.net.links[0]).sums == hours(unobserved=24)
    assert found.path("r1", "r2").sums == hours(up=24)


def test_a_place_is_a_device_a_site_or_a_customer_and_nothing_else():
    found = past()
    assert found.place("r1") == {"r1"}
    assert found.place("acme") == {"r1", "r2"}
    with pytest.raises(UsageError, match="nowhere"):
        found.place("nowhere")


# ---------------------------------------------------------------- hours, targets, weights


def with_contract(covered: Covered, **more: object) -> Inventory:
    known = inventory(contracts={"C": replace(CONTRACT, coverage=covered, **more)})  # type: ignore[arg-type]
    return replace(known, devices={name: replace(d, contract="C") for name, d in known.devices.items()})


def test_hours_are_on_the_clock_of_the_site_unless_the_contract_has_its_own():
    daily = Covered(start=time(8), end=time(20))  # 00:00 to 12:00 UTC in Shanghai
    found = past(down(-5, 3, R1), of=with_contract(daily))
    local = past(down(-5, 3, R1), of=with_contract(daily, timezone="UTC"))
    (here, _), (there, _) = (standings.of(each, By.DEVICE, Hours.CONTRACT) for each in (found, local))
    assert (here.sums, here.hours) == (hours(up=9, down=3), "mon,tue,wed,thu,fri,sat,sun 08:00-20:00")
    assert there.sums == hours(up=12)


def test_targets_are_met_or_missed_in_the_hours_that_count():
    found = past(down(-5, 3, R1), of=with_contract(Covered(start=time(8), end=time(20)), availability_target_pct=80.0))
    (always_, _), (covered, _) = (standings.of(found, By.DEVICE, each) for each in (Hours.ALWAYS, Hours.CONTRACT))
    assert (always_.percent, always_.target, always_.verdict) == (87.5, 80.0, "met")
    assert (covered.percent, covered.verdict) == (75.0, "missed")


def test_a_device_weighs_its_own_else_its_roles_weight_else_one():
    heavy = inventory(policies=Policies(availability_weights={"core": 3.0}))
    (line,) = standings.of(past(down(0, 12, R1), of=heavy), By.NETWORK)
    assert line.percent == pytest.approx((3 * 50 + 100) / 4)
    assert standings.weights(heavy) == {"core": 3.0}
    own = replace(heavy, devices=heavy.devices | {"r2": replace(heavy.devices["r2"], availability_weight=9.0)})
    (line,) = standings.of(past(down(0, 12, R1), of=own), By.NETWORK)
    assert line.percent == pytest.approx((3 * 50 + 9 * 100) / 12)
    assert standings.weights(own) == {"core": 3.0, "r2": 9.0}


def test_of_several_devices_every_outage_counts():
    (line,) = standings.of(past(down(0, 1, R1), down(5, 8, R2)), By.CUSTOMER)
    assert (len(line.reliability.outages), line.reliability.mttr) == (2, hours(up=2).up)
    assert (line.sums, line.devices, line.missed) == (hours(up=44, down=4), 2, 1)


# ---------------------------------------------------------------- for any history


@st.composite
def pasts(draw: st.DrawFn) -> Past:
    period = draw(periods)
    known = {subject: sorted(draw(states(subject)), key=lambda i: i.began) for subject in (R1, R2, A, B)}
    seen = {name: draw(many) for name in ("r1", "r2")}
    windows = tuple(
        Window(name="w", starts=s.start, ends=s.end, devices=frozenset({"r1"})) for s in draw(many) if s.start < s.end
    )
    network = inventory()
    return Past(network, topology.build(network), period, seen, seen, known, windows)


def everything(of: Past) -> list[Availability]:
    things = [of.device("r1"), of.interface(A), of.link(of.net.links[0]), of.site("r1"), of.path("r1", "r2")]
    return [division.sums for division in things]


@given(pasts(), st.lists(moments, max_size=3))
def test_the_four_add_up_and_pieces_to_the_whole_for_everything(of, cuts):
    whole = everything(of)
    assert all(found.period == of.period.length for found in whole)
    edges = sorted({of.period.start, of.period.end, *(c for c in cuts if of.period.start < c < of.period.end)})
    summed = [Availability()] * len(whole)
    for piece in itertools.starmap(Span, itertools.pairwise(edges)):
        summed = [a + b for a, b in zip(summed, everything(replace(of, period=piece)), strict=True)]
    assert summed == whole


@given(pasts(), st.lists(moments, min_size=1, max_size=6))
def test_every_moment_of_an_interface_is_what_was_known_of_it_then(of, probes):
    found = of.interface(A)
    for moment in (probe for probe in probes if of.period.start <= probe < of.period.end):
        there = [i.state for i in of.states[A] if i.began <= moment and (i.ended is None or i.ended > moment)]
        seen = bool(there) and any(s.start <= moment < s.end for s in of.told["r1"])
        worked_on = any(w.starts <= moment < w.ends for w in of.windows) or "admin_down" in there
        expected = "planned" if worked_on else "down" if "down" in there else "up"
        assert kind_at(found, moment) == (expected if seen else "unobserved")
