"""Two days of a small network's history, written into a real store, for the tests of reports and inspections."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from math import pi, sin
from pathlib import Path

from agent.cases.case import Action, Case, CaseState, Entry, Evidence, EvidenceState, Severity
from agent.faults.fault import FaultKind
from agent.inventory.customers import Contract, Customer, Site
from agent.inventory.device import Device, Role, SnmpAccess, SshAccess
from agent.inventory.inventory import Inventory
from agent.inventory.policies import DailyReport, Policies
from agent.inventory.windows import Window
from agent.observation import Batch, ComponentKind, Event, Fact, Observation, Source, Subject, SyslogSeverity, Tier
from agent.ports import Store, Transaction
from agent.storage.engine import open_store

ZONE = "Asia/Shanghai"
DAY = date(2026, 11, 21)
MIDNIGHT = datetime(2026, 11, 20, 16, tzinfo=UTC)  # where the day begins in Shanghai
MORNING = MIDNIGHT + timedelta(hours=31, minutes=30)  # 07:30 of the day after
GAP = timedelta(minutes=45)
STEP = timedelta(minutes=30)
HOSTILE = "<script>alert(1)</script>"


def at(hours: float) -> datetime:
    """Hours after the day's midnight in Shanghai."""
    return MIDNIGHT + timedelta(hours=hours)


def _device(name: str, site: str, role: Role, number: int, **more: object) -> Device:
    customer = "forge" if site == "suzhou" else "bank"
    device = Device(
        name=name,
        address=f"127.0.9.{number}",
        customer=customer,
        site=site,
        role=role,
        platform="cisco_ios",
        contract="C-1" if customer == "bank" else "C-2",
        snmp=SnmpAccess(),
        ssh=SshAccess(username="netops"),
        software_target="17.9.4",
    )
    return replace(device, **more)  # type: ignore[arg-type]


def inventory() -> Inventory:
    devices = (
        _device("bj-core-1", "beijing", Role.CORE, 1, redundant_with=("bj-core-2",), availability_target_pct=99.99),
        _device("bj-core-2", "beijing", Role.CORE, 2, redundant_with=("bj-core-1",)),
        _device("sh-rt-1", "shanghai", Role.BRANCH, 3),
        _device("sh-sw-1", "shanghai", Role.ACCESS, 4, ssh=None),
        _device("sz-rt-1", "suzhou", Role.EDGE, 5),
        _device("sz-acc-1", "suzhou", Role.ACCESS, 6),
    )
    return Inventory(
        devices={device.name: device for device in devices},
        customers={
            "bank": Customer(name="bank", title="海港银行 Harbour Bank", availability_target_pct=99.9),
            "forge": Customer(name="forge", title="North Forge", availability_target_pct=99.5),
        },
        sites={
            "beijing": Site(name="beijing", customer="bank", title="Beijing headquarters", timezone=ZONE),
            "shanghai": Site(name="shanghai", customer="bank", title="Shanghai branch", timezone=ZONE),
            "suzhou": Site(name="suzhou", customer="forge", title="Suzhou plant", timezone=ZONE),
        },
        contracts={
            "C-1": Contract(number="C-1", customer="bank", starts=date(2026, 1, 1), ends=date(2030, 12, 31)),
            "C-2": Contract(number="C-2", customer="forge", starts=date(2026, 1, 1), ends=date(2026, 12, 10)),
        },
        windows=(
            Window(name="core upgrade", starts=at(1), ends=at(3), devices=frozenset({"bj-core-2"})),
            Window(name="UPS test", starts=at(36), ends=at(38), sites=frozenset({"suzhou"})),
        ),
        policies=Policies(daily_report=DailyReport(timezone=ZONE)),
    )


def empty_store(folder: Path) -> Store:
    return open_store(f"sqlite:///{folder / 'history.db'}")


def story(folder: Path) -> Store:
    """What happened, in hours of the day:

    bj-core-2 restarted in its window (1:30 to 2:30) and stayed away until 3:15; sh-rt-1 was cut off from 9:00 to 11:00;
    sz-rt-1 is down since 22:00 (P2, raised from P3 at 22:30); sz-acc-1 was not polled from 6:00 to 10:00; the agent
    itself slept from 12:00 to 13:00; a fan of bj-core-1 is broken since the day before yesterday (P3, overdue).
    """
    store = empty_store(folder)
    with store.begin() as tx:
        _coverage(tx)
        for name, changes in {
            "bj-core-2": [(-24, "up"), (1.5, "down"), (3.25, "up")],
            "sh-rt-1": [(-24, "up"), (9, "down"), (11, "up")],
            "sz-rt-1": [(-24, "up"), (22, "down")],
        }.items():
            for hours, state in changes:
                tx.change(Subject(name), state, at(hours))
        _samples(tx)
        _events(tx)
    with store.begin() as tx:
        _cases(tx)
    return store


def _coverage(tx: Transaction) -> None:
    for name in inventory().devices:
        moment = at(-24)
        while moment <= MORNING:
            hours = (moment - MIDNIGHT) / timedelta(hours=1)
            asleep = 12 < hours < 13
            skipped = name == "sz-acc-1" and 6 < hours < 10
            if not asleep and not skipped:
                tx.cover(name, "reachability", moment, GAP)
                if not (name == "sh-sw-1" and hours > 15):
                    tx.cover(name, "snmp", moment, GAP)
            moment += STEP


def _samples(tx: Transaction) -> None:
    for number, name in enumerate(inventory().devices):
        octets = 0
        errors = 0
        for half in range(-48, 64):
            moment = at(half / 2)
            wave = (sin((half - 16) / 24 * pi) + 1) / 2
            cpu = 12 + 9 * number + wave * (25 + 8 * number) + (30 if name == "sz-acc-1" and half >= 0 else 0)
            octets += int(wave * (number + 1) * 30e6 / 8 * 1800) + 1000
            errors += 40 if name == "sh-sw-1" and half > 20 else 0
            tx.keep(health(name, moment, cpu=min(cpu, 99.0), octets=octets, errors=errors))


def health(
    name: str, moment: datetime, *, cpu: float = 20.0, octets: int = 0, errors: int = 0, celsius: float = 41.0
) -> Batch:
    port = Subject(name, ComponentKind.INTERFACE, "Gi0/1")
    return Batch(
        device=name,
        tier=Tier.HEALTH,
        at=moment,
        observations=(
            Observation(Subject(name, ComponentKind.CPU, "1"), Fact.USAGE, cpu),
            Observation(Subject(name, ComponentKind.MEMORY, "Processor"), Fact.USED, 40 + cpu / 3),
            Observation(Subject(name, ComponentKind.TEMPERATURE, "Inlet"), Fact.CELSIUS, celsius + cpu / 5, limit=67.0),
            Observation(port, Fact.SPEED, 200_000_000),
            Observation(port, Fact.IN_OCTETS, octets),
            Observation(port, Fact.OUT_OCTETS, octets // 3),
            Observation(port, Fact.IN_ERRORS, errors),
            Observation(port, Fact.OUT_ERRORS, 0),
            Observation(Subject(name, ComponentKind.FAN, "Fan 1"), Fact.STATE, "ok"),
            Observation(Subject(name, ComponentKind.POWER_SUPPLY, "PSU 1"), Fact.STATE, "ok"),
        ),
        complete=frozenset(
            {
                ComponentKind.CPU,
                ComponentKind.MEMORY,
                ComponentKind.TEMPERATURE,
                ComponentKind.INTERFACE,
                ComponentKind.FAN,
                ComponentKind.POWER_SUPPLY,
            }
        ),
    )


def message(device: str, hours: float, severity: SyslogSeverity, mnemonic: str, text: str) -> Event:
    sender = "127.0.9.99" if not device else ""
    return Event(
        device=device,
        sender=sender,
        source=Source.SYSLOG,
        arrived=at(hours),
        severity=severity,
        text=text,
        mnemonic=mnemonic,
    )


def _events(tx: Transaction) -> None:
    down = "Interface GigabitEthernet0/1, changed state to down"
    events = [message("sh-rt-1", 9 + n / 60, SyslogSeverity.ERROR, "LINK-3-UPDOWN", down) for n in range(6)]
    events += [message("bj-core-1", n / 2, SyslogSeverity.CRITICAL, "FAN-2-FAILED", "Fan 2 failed") for n in range(4)]
    events += [message("bj-core-1", -n, SyslogSeverity.NOTICE, "SYS-5-CONFIG_I", "Configured") for n in range(1, 20)]
    events += [message("sz-rt-1", n / 4, SyslogSeverity.WARNING, "BGP-4-MSGDUMP", "unsupported") for n in range(40)]
    events += [message("", 4, SyslogSeverity.ALERT, "", f"{HOSTILE} from a stranger")]
    events += [message("sz-acc-1", n / 9, SyslogSeverity.INFO, "SEC-6-LOGIN", "login") for n in range(180)]
    tx.keep_events(events)


def _case(tx: Transaction, kind: FaultKind, subject: Subject, severity: str, hours: float, **more: object) -> Case:
    customer = inventory().devices[subject.device].customer
    case = Case(
        problem=f"{kind}|{subject}",
        kind=kind,
        subject=subject,
        severity=Severity(severity),
        state=CaseState.NEW,
        opened=at(hours),
        updated=at(hours),
        root=f"fault-{subject}",
        customer=customer,
        site=inventory().devices[subject.device].site,
    )
    case = tx.open_case(replace(case, **more))  # type: ignore[arg-type]
    tx.log([_severity(case, severity, hours)])
    return case


def _severity(case: Case, to: str, hours: float) -> Entry:
    return Entry(case=case.number, at=at(hours), action=Action.SEVERITY, text=to, data={"to": to})


def _cases(tx: Transaction) -> None:
    fan = Subject("bj-core-1", ComponentKind.FAN, "Fan 2")
    _case(tx, FaultKind.FAN_FAILED, fan, "P3", -20, assignee="li-na", state=CaseState.IN_PROGRESS)
    cut = _case(tx, FaultKind.DEVICE_UNREACHABLE, Subject("sh-rt-1"), "P2", 9.02, symptoms=1)
    tx.save_case(replace(cut, state=CaseState.MONITORING, recovered=at(11), updated=at(11)))
    plant = _case(tx, FaultKind.DEVICE_UNREACHABLE, Subject("sz-rt-1"), "P3", 22.05, symptoms=1)
    tx.save_case(replace(plant, severity=Severity.P2, updated=at(24.5)))
    tx.log([_severity(plant, "P2", 24.5)])
    tx.save_evidence(
        Evidence(
            case=plant.number,
            device="sz-rt-1",
            command="show tech-support",
            tier="tech",
            state=EvidenceState.TIMED_OUT,
            at=at(23),
            detail="no prompt for 60 s",
        )
    )
    port = Subject("sh-sw-1", ComponentKind.INTERFACE, "Gi0/1")
    _case(tx, FaultKind.INTERFACE_ERRORS, port, "P4", 25)
    old = _case(tx, FaultKind.CPU_HIGH, Subject("sz-acc-1", ComponentKind.CPU, "1"), "P3", -30)
    gone = {"recovered": at(-29), "resolved": at(-28), "closed": at(-27)}
    tx.save_case(replace(old, state=CaseState.CLOSED, live=False, updated=at(-27), **gone))
