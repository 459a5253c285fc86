"""A network of five devices as the agent would remember it: one cut off, its case and its evidence, hostile texts."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from agent.cases.case import Action, Case, CaseState, Decision, Entry, Evidence, EvidenceState, Severity
from agent.faults.fault import Fault, FaultKind, FaultState
from agent.inventory.customers import Contract, Customer, Site
from agent.inventory.device import Device, Role
from agent.inventory.inventory import Inventory
from agent.inventory.policies import DailyReport, Policies
from agent.inventory.teams import Team
from agent.inventory.vendors import Minimum, Replacing
from agent.observation import (
    Batch,
    ComponentKind,
    Event,
    Fact,
    Observation,
    Refusal,
    Source,
    Subject,
    SyslogSeverity,
    Tier,
    Value,
)
from agent.pipeline import moving
from agent.ports import EvidenceFiles, Job, JobKind, Store, Transaction

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOSTILE = "<script>alert('x')</script>\"'>{{7*7}}&amp;"
TRANSCRIPT = "bj-core-1#show log\n<script>alert(1)</script>\n密码 *** removed\n"

DEVICES = {
    "bj-core-1": ("cisco_ios", Role.CORE, "beijing", "acme"),
    "bj-core-2": ("cisco_ios", Role.CORE, "beijing", "acme"),
    "sh-edge-1": ("huawei_vrp", Role.EDGE, "shanghai", "acme"),
    "sh-acc-1": ("huawei_vrp", Role.ACCESS, "shanghai", "acme"),
    "sz-fw-1": ("hp_comware", Role.FIREWALL, "suzhou", "orient"),
}


def inventory() -> Inventory:
    return Inventory(
        devices={
            name: Device(
                name=name,
                address=f"127.0.1.{n}",
                platform=platform,
                role=role,
                site=site,
                customer=customer,
                contract="C-1",
            )
            for n, (name, (platform, role, site, customer)) in enumerate(DEVICES.items(), 1)
        },
        customers={
            "acme": Customer(name="acme", title="Acme Bank 极致银行"),
            "orient": Customer(name="orient", title="Orient Works"),
        },
        contracts={"C-1": Contract(number="C-1", customer="acme", starts=NOW.date(), ends=NOW.date())},
        sites={
            "beijing": Site(name="beijing", customer="acme", title="Beijing HQ 北京总部"),
            "shanghai": Site(name="shanghai", customer="acme", title="Shanghai"),
            "suzhou": Site(name="suzhou", customer="orient", title="Suzhou"),
        },
        teams={"tac": Team(name="tac", on_call=("nobody-known",))},  # a gap, so that every metric has something to tell
        attached_to=("bj-core-1",),
        policies=Policies(
            daily_report=DailyReport(timezone="Asia/Shanghai"),
            rma=Replacing(minimum_stock=(Minimum(part="PWR-C1-715WAC", location="headquarters", least=1),)),
        ),
    )


def fill(store: Store, files: EvidenceFiles, folder: Path) -> Case:
    """Tell the story of a site that is cut off 40 minutes ago; returns its case."""
    with store.begin() as tx:
        _history(tx)
        case = _case(tx)
        _evidence(tx, files, folder, case)
        _told(tx, case)
        _events(tx)
        tx.save_document("daily", "2026-03-01", NOW - 30 * MINUTE, {"day": "2026-03-01"})
        tx.save_document("inspection", "2026-Q1", NOW - 3 * MINUTE, {"key": "2026-Q1"})
        return case


def _history(tx: Transaction) -> None:
    start = NOW - timedelta(hours=20)
    for name in DEVICES:
        if name == "sz-fw-1":
            continue  # nobody has asked it yet
        tx.change(Subject(name), "up", start)
        for at in (start, start + timedelta(hours=9), start + timedelta(hours=11), NOW):
            tx.cover(name, "reachability", at, timedelta(hours=10) if at != start + timedelta(hours=11) else MINUTE)
        for minutes in range(20 * 60, -1, -30):
            tx.keep(health(name, NOW - minutes * MINUTE))
        tx.keep(status(name))
        tx.keep(identity(name))
        for n in range(1, 5):
            port = Subject(name, ComponentKind.INTERFACE, f"Gi0/{n}")
            tx.change(port, {3: "admin_down", 4: "down"}.get(n, "up"), start)
        tx.change(Subject(name, ComponentKind.BGP_PEER, "192.0.2.9"), "up", start)
    for name in ("sh-edge-1", "sh-acc-1"):
        tx.change(Subject(name), "down", NOW - 40 * MINUTE)


def health(name: str, at: datetime) -> Batch:
    wave = (at.hour * 60 + at.minute) % 240 / 8
    device = Subject(name)
    return Batch(
        device=name,
        tier=Tier.HEALTH,
        at=at,
        observations=(
            Observation(Subject(name, ComponentKind.CPU, "CPU 0"), Fact.USAGE, 40.0 + wave),
            Observation(Subject(name, ComponentKind.MEMORY, "Processor"), Fact.USED, 62.5),
            Observation(Subject(name, ComponentKind.TEMPERATURE, "Inlet"), Fact.CELSIUS, 31.5 + wave / 4, limit=65.0),
            Observation(Subject(name, ComponentKind.FAN, "Fan 1"), Fact.STATE, "ok", detail="normal"),
            Observation(Subject(name, ComponentKind.POWER_SUPPLY, "PSU B"), Fact.STATE, "failed", detail="no input"),
            *parts(name),
            Observation(Subject(name, ComponentKind.INTERFACE, "Gi0/1"), Fact.IN_ERRORS, 12),
            Observation(device, Fact.VERSION, "17.9.4"),
            Observation(device, Fact.VENDOR, "Cisco"),
            Observation(device, Fact.MODEL, "C9300-48T"),
            Observation(device, Fact.SYS_DESCR, f"Cisco IOS Software {HOSTILE}"),
        ),
        refused=(
            Refusal(
                Subject(name, ComponentKind.SENSOR, "Vcc"), Fact.SENSOR_VALUE, HOSTILE, "65535 is not within 0 to 60"
            ),
        ),
    )


def parts(name: str) -> list[Observation]:
    """What a chassis is made of: storage, modules, optics, a second supervisor."""

    def told(
        kind: ComponentKind, part: str, fact: Fact, value: Value, detail: str = "", **limits: float
    ) -> Observation:
        return Observation(Subject(name, kind, part), fact, value, detail, **limits)

    return [
        told(ComponentKind.STORAGE, "bootflash", Fact.USED, 93.5),
        told(ComponentKind.STORAGE, "bootflash", Fact.TOTAL_BYTES, 2_000_000_000),
        told(ComponentKind.MEMORY, "buffers", Fact.USED, 99.5, "reclaimable"),
        told(ComponentKind.SENSOR, "Gi0/1 receive power", Fact.SENSOR_VALUE, -18.5, "dBm", limit=1.0, low_limit=-17.0),
        told(ComponentKind.SENSOR, "Gi0/2 receive power", Fact.SENSOR_VALUE, -40.0, "dBm", limit=1.0, low_limit=-17.0),
        told(ComponentKind.SENSOR, "Gi0/1 bias", Fact.SENSOR_VALUE, 0.0062, "A", limit=0.07, low_limit=0.001),
        told(ComponentKind.SENSOR, "RPS", Fact.STATE, "failed", "alarm"),
        told(ComponentKind.FAN, "Fan 1", Fact.SENSOR_VALUE, 5400, "rpm"),
        told(ComponentKind.REDUNDANCY, "peer supervisor", Fact.STATE, "failed", "disabled"),
        told(ComponentKind.STACK, "member 2", Fact.STATE, "ok", "ready"),
        told(ComponentKind.CHASSIS_ALARM, "major alarm", Fact.STATE, "ok", "off"),
        *(told(ComponentKind.MODULE, f"Slot {n}", Fact.SERIAL, f"SN{n:04}") for n in range(1, 21)),
        told(ComponentKind.MODULE, "Slot 7", Fact.STATE, "failed", "powerDown"),
        told(ComponentKind.MODULE, "Slot 7", Fact.MODEL, f"WS-X6748 {HOSTILE}"),
        told(ComponentKind.DEVICE, "", Fact.NTP_STATE, "unsynchronised", "freqNotDetermined"),
        told(ComponentKind.DEVICE, "", Fact.NTP_STRATUM, 16),
        told(ComponentKind.DEVICE, "", Fact.NTP_OFFSET, -2.345),
        told(ComponentKind.DEVICE, "", Fact.CLOCK, "2026-03-02T15:59:58+08:00"),
    ]


def status(name: str) -> Batch:
    observations = [Observation(Subject(name), Fact.ICMP_REACHABLE, True)]
    for n in range(1, 5):
        port = Subject(name, ComponentKind.INTERFACE, f"Gi0/{n}")
        observations += [
            Observation(port, Fact.ADMIN_STATUS, "down" if n == 3 else "up"),
            Observation(port, Fact.OPER_STATUS, "up" if n < 3 else "down"),
            Observation(port, Fact.SPEED, 1_000_000_000),
            Observation(port, Fact.ALIAS, HOSTILE if n == 1 else "to Shanghai 上海"),
        ]
    peer = Subject(name, ComponentKind.BGP_PEER, "192.0.2.9")
    observations += [Observation(peer, Fact.BGP_STATE, "established"), Observation(peer, Fact.REMOTE_AS, 64512)]
    for fact, value in (
        (Fact.RTT, 1.25),
        (Fact.RTT_MIN, 0.9),
        (Fact.RTT_MAX, 2.5),
        (Fact.JITTER, 0.3),
        (Fact.LOSS, 20.0),
    ):
        observations.append(Observation(Subject(name), fact, value))
    for address, state in (("192.0.2.13", "full"), ("192.0.2.17", "exchangeStart")):
        router = Subject(name, ComponentKind.OSPF_NEIGHBOUR, address)
        observations += [Observation(router, Fact.OSPF_STATE, state), Observation(router, Fact.ROUTER_ID, "10.255.0.9")]
    return Batch(device=name, tier=Tier.STATUS, at=NOW - MINUTE, observations=tuple(observations))


def identity(name: str) -> Batch:
    """LLDP's view from two ports: a device of the inventory, and a stranger that means harm."""
    told = (
        ("Gi0/1", Fact.REMOTE_NAME, "BJ-CORE-2.acme.example"),
        ("Gi0/1", Fact.REMOTE_PORT, "Gi0/9"),
        ("Gi0/1", Fact.REMOTE_ADDRESS, "198.51.100.7"),
        ("Gi0/1", Fact.PROTOCOL, "lldp"),
        ("Gi0/2", Fact.REMOTE_NAME, HOSTILE),
        ("Gi0/2", Fact.REMOTE_PLATFORM, "cisco WS-C2960"),
        ("Gi0/2", Fact.PROTOCOL, "cdp"),
    )
    seen = (Observation(Subject(name, ComponentKind.NEIGHBOUR, port), fact, word) for port, fact, word in told)
    return Batch(device=name, tier=Tier.IDENTITY, at=NOW - 2 * MINUTE, observations=tuple(seen))


def fault(name: str, device: str, kind: FaultKind = FaultKind.DEVICE_UNREACHABLE, **more: object) -> Fault:
    subject = more.pop("subject", Subject(device))
    return Fault(
        id=name,
        subject=subject,
        kind=kind,
        state=FaultState.CONFIRMED,
        began=NOW - 40 * MINUTE,
        last_good=NOW - 41 * MINUTE,
        confirmed=NOW - 38 * MINUTE,
        reason="no answer to icmp, snmp",
        **more,
    )


def _case(tx: Transaction) -> Case:
    root = fault("f-root", "sh-edge-1", because="every device behind it is silent, and it is the nearest to the agent")
    tx.save_faults([root, fault("f-cpu", "bj-core-1", FaultKind.CPU_HIGH, suppressed="maintenance")])
    case = tx.open_case(
        Case(
            problem=root.key,
            kind=root.kind,
            subject=root.subject,
            severity=Severity.P2,
            state=CaseState.NEW,
            opened=NOW - 37 * MINUTE,
            updated=NOW - 37 * MINUTE,
            root=root.id,
            customer="acme",
            site="shanghai",
            contract="C-1",
            contract_status="valid",
            began=root.began,
            symptoms=1,
        )
    )
    symptom = fault("f-symptom", "sh-acc-1", cause=root.id, because="lies behind sh-edge-1", case=case.number)
    tx.save_faults([replace(root, case=case.number), symptom])
    tx.log(
        [
            Entry(
                case=case.number, at=case.opened, action=Action.OPENED, text="device_unreachable: sh-edge-1: no answer"
            ),
            Entry(
                case=case.number,
                at=case.opened,
                action=Action.SEVERITY,
                text="P2: the whole of site shanghai is cut off",
            ),
            Entry(
                case=case.number,
                at=case.opened,
                action=Action.SYMPTOM,
                text="device_unreachable: sh-acc-1: lies behind",
            ),
            Entry(case=case.number, at=NOW - 20 * MINUTE, action=Action.NOTE, text=f"on it {HOSTILE}", actor="Li Na"),
        ]
    )
    tx.record(
        [
            Decision(
                about=case.name,
                at=case.opened,
                what="severity",
                outcome="P2",
                reasons=("the whole of site shanghai is cut off",),
                would_change=("P1 if all 4 devices of acme were lost (now 2)",),
                inputs={"devices lost": "2 of 4", "sites lost": "shanghai", "role": "edge"},
            ),
            Decision(
                about="bj-core-1",
                at=NOW - 30 * MINUTE,
                what="suppression",
                outcome="maintenance",
                reasons=("a maintenance window is on",),
            ),
        ]
    )
    other = tx.open_case(
        replace(
            case,
            number=0,
            problem="old",
            kind=FaultKind.FAN_FAILED,
            subject=Subject("bj-core-2", ComponentKind.FAN, "Fan 1"),
            severity=Severity.P3,
            state=CaseState.RESOLVED,
            opened=NOW - timedelta(hours=9),
            recovered=NOW - timedelta(hours=5),
            resolved=NOW - timedelta(hours=4),
            began=NOW - timedelta(hours=9),
            symptoms=0,
        )
    )
    moving.link(tx, case.number, other.number, "Li Na", "the same carrier", NOW)
    return case


def _evidence(tx: Transaction, files: EvidenceFiles, folder: Path, case: Case) -> None:
    transcript = folder / "transcript"
    transcript.write_text(TRANSCRIPT)
    sha256, size = files.put(transcript)
    for command, state, detail in (
        ("show log", EvidenceState.DONE, ""),
        ("show interfaces", EvidenceState.PARTIAL, "the connection was lost after 1,203 lines"),
        ("show tech-support", EvidenceState.RUNNING, ""),
        ("show version", EvidenceState.QUEUED, ""),
        ("display arp", EvidenceState.REFUSED, "not on the platform's read-only list"),
        ("show bgp", EvidenceState.TIMED_OUT, "no prompt within 30 s"),
        ("show route", EvidenceState.FAILED, f"refused {HOSTILE}"),
    ):
        kept = state in {EvidenceState.DONE, EvidenceState.PARTIAL}
        tx.save_evidence(
            Evidence(
                case=case.number,
                device="bj-core-1",
                command=command,
                tier="tech" if "tech" in command else "quick",
                state=state,
                at=case.opened,
                bytes=size if kept else 0,
                sha256=sha256 if kept else "",
                secrets_removed=2 if kept else 0,
                detail=detail,
            )
        )


def _told(tx: Transaction, case: Case) -> None:
    subject = f"[{case.name}] P2: device unreachable, sh-edge-1"
    payload = {
        "key": "k",
        "channel": "email",
        "to": "li@example.net",
        "language": "en",
        "subject": subject,
        "text": "t",
    }
    tx.enqueue([Job(key="k", kind=JobKind.NOTIFY, due=case.opened, payload=payload, case=case.number)])
    (job,) = tx.lease(JobKind.NOTIFY, case.opened, MINUTE, "me")
    tx.finish(job, case.opened, "250 2.0.0 Ok: queued as 4F2")


def _events(tx: Transaction) -> None:
    texts = [
        ("bj-core-1", SyslogSeverity.ERROR, "%LINK-3-UPDOWN: Interface GigabitEthernet0/1, changed state to down"),
        ("sh-edge-1", SyslogSeverity.NOTICE, HOSTILE),
        ("", SyslogSeverity.CRITICAL, "nobody knows me \x1b[31m 温度过高"),
    ]
    tx.keep_events(
        Event(
            device=device,
            sender="127.0.1.1" if device else "127.0.9.9",
            source=Source.SYSLOG,
            arrived=NOW - (40 - n) * MINUTE,
            severity=severity,
            text=text,
            mnemonic="LINK-3-UPDOWN" if n == 0 else "",
        )
        for n, (device, severity, text) in enumerate(texts)
    )
