"""`/api/v1`: what the pages show, for other programs. Read only."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, HTTPException, Path, Query
from pydantic import BaseModel

from agent import locale
from agent.cases.case import Case, CaseState, Severity
from agent.cases.ledger import Ledger
from agent.cases.sla import Clock
from agent.faults import ledger
from agent.faults.fault import Fault, FaultState, Reason
from agent.inventory.device import Device
from agent.inventory.inventory import Inventory
from agent.observation import Event, Source, SyslogSeverity
from agent.pipeline.ladder import Rung
from agent.ports import Store
from agent.web import hardware_shapes as shapes
from agent.web import known_shapes, reading
from agent.web.parts import Parts, Table
from agent.web.schemas import (
    AdjacencyShape,
    AroundShape,
    CaseFileShape,
    CaseShape,
    ClockShape,
    DecisionShape,
    DeviceShape,
    EntryShape,
    EventShape,
    EvidenceShape,
    FaultShape,
    LedgerShape,
    NeighbourShape,
    PartShape,
    PartsShape,
    PromiseShape,
    RoundTripShape,
    RungShape,
    SensorShape,
    TookShape,
    UnbelievedShape,
    VolumeShape,
    WhyShape,
)
from agent.web.snapshot import DAY, Seen, everybody

Limit = Annotated[int, Query(ge=1, le=1000, description="How many at most.")]
Offset = Annotated[int, Query(ge=0, le=100_000, description="How many to leave out first.")]
S = TypeVar("S", bound=BaseModel)
Number = Annotated[int, Path(ge=1, le=2**31 - 1)]
Name = Annotated[str, Query(max_length=200)]


MOST_SYMPTOMS = 1000  # in one answer; `/faults?case=` has them all


def router(store: Store, inventory: Inventory, now: Callable[[], datetime]) -> APIRouter:
    routes = APIRouter(prefix="/api/v1", tags=["v1"])

    @routes.get("/devices")
    def devices(
        state: Seen | None = None, customer: Name = "", site: Name = "", limit: Limit = 100, offset: Offset = 0
    ) -> list[DeviceShape]:
        """The inventory's devices, in its order, with what is known of each now."""
        with store.read() as tx:
            states = everybody(tx, inventory, now())
        found = [
            device_shape(device, states[device.name])
            for device in inventory.devices.values()
            if (not customer or device.customer == customer)
            and (not site or device.site == site)
            and (state is None or states[device.name] is state)
        ]
        return found[offset : offset + limit]

    @routes.get("/devices/{name}/parts")
    def parts(name: Annotated[str, Path(max_length=200)]) -> PartsShape:
        """What the last polls told of a device: its parts, storage, sensors, neighbours, clock and round trip."""
        device = inventory.devices.get(name)
        if device is None:
            raise HTTPException(404, "no such device")
        with store.read() as tx:
            state = everybody(tx, inventory, now())[name]
            return parts_shape(device_shape(device, state), reading.parts(tx, inventory, name))

    @routes.get("/cases")
    def cases(
        severity: Severity | None = None,
        state: CaseState | None = None,
        device: Name = "",
        customer: Name = "",
        q: Name = "",
        limit: Limit = 100,
        offset: Offset = 0,
    ) -> list[CaseShape]:
        """Newest first. `q`: words that stand in title, number, subject, reporter, serial number or contract."""
        chosen = {"severity": severity or "", "state": state or "", "device": device, "customer": customer, "q": q}
        with store.read() as tx:
            return [case_shape(case) for case in reading.cases(tx, **chosen, limit=limit, offset=offset)]

    @routes.get("/cases/{number}")
    def case(number: Number) -> CaseFileShape:
        """One case with its root cause, symptoms, timeline, decisions and evidence."""
        with store.read() as tx:
            file = reading.case_file(tx, inventory, number, now())
        if file is None:
            raise HTTPException(404, "no such case")
        return case_file_shape(file)

    @routes.get("/faults")
    def faults(
        state: FaultState | None = None,
        device: Name = "",
        case: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0,
        suppressed: bool = False,
        reason: Reason | None = None,
        limit: Limit = 100,
        offset: Offset = 0,
    ) -> list[FaultShape]:
        """Those that are not over, oldest first; with state=cleared those of the last seven days that are. With
        `suppressed` or a `reason`: those without a case of their own, the last day's that are over too."""
        with store.read() as tx:
            if state is FaultState.CLEARED:
                known: Iterable[Fault] = tx.faults(start=now() - 7 * DAY, device=device or None, case=case or None)
            elif case or suppressed or reason:
                since = None if case else now() - DAY
                known = tx.faults(start=since, device=device or None, case=case or None)
            else:
                known = tx.open_faults(device or None)
        found = [fault for fault in known if state is None or fault.state is state]
        if suppressed or reason:
            found = [line.fault for line in ledger.lines(found) if reason in {None, line.why.word}]
        return [fault_shape(fault) for fault in found[offset : offset + limit]]

    @routes.get("/events")
    def events(
        device: Name = "",
        source: Source | None = None,
        severity: SyslogSeverity | None = None,
        limit: Limit = 100,
        offset: Offset = 0,
    ) -> list[EventShape]:
        """Newest first; `severity` means that severe or worse."""
        chosen = {"device": device, "source": source or "", "severity": severity or ""}
        with store.read() as tx:
            return [event_shape(event) for event in reading.events(tx, **chosen, limit=limit, offset=offset)]

    return routes


def device_shape(device: Device, state: Seen) -> DeviceShape:
    return DeviceShape(state=state, **_given(DeviceShape, device, "state"))


def parts_shape(device: DeviceShape, parts: Parts) -> PartsShape:
    return PartsShape(
        device=device,
        standing=_rows(PartShape, parts.standing),
        units=_rows(PartShape, parts.units),
        modules=_rows(PartShape, parts.modules),
        storage=_rows(VolumeShape, parts.storage),
        sensors=_rows(SensorShape, parts.sensors),
        neighbours=_rows(NeighbourShape, parts.neighbours),
        ospf=_rows(AdjacencyShape, parts.ospf),
        unbelieved=_rows(UnbelievedShape, parts.unbelieved),
        clock=ClockShape.model_validate(parts.clock) if parts.clock else None,
        round_trip=RoundTripShape.model_validate(parts.round_trip) if parts.round_trip else None,
    )


def _rows(shape: type[S], table: Table[Any]) -> list[S]:
    return [shape.model_validate(row) for row in table.rows]


def fault_shape(fault: Fault) -> FaultShape:
    line = next(iter(ledger.lines([fault])), None)
    why = None
    if line:
        said = line.why
        why = WhyShape(word=said.word, sentence=said.sentence, since=line.since, until=said.until)
    return FaultShape(subject=str(fault.subject), why=why, **_given(FaultShape, fault, "subject", "why"))


def case_shape(case: Case) -> CaseShape:
    return CaseShape(subject=str(case.subject), **_given(CaseShape, case, "subject"))


def event_shape(event: Event) -> EventShape:
    return EventShape(subject=str(event.subject or ""), **_given(EventShape, event, "subject"))


def case_file_shape(file: reading.CaseFile) -> CaseFileShape:
    return CaseFileShape(
        case=case_shape(file.case),
        root=fault_shape(file.root) if file.root else None,
        symptoms=[fault_shape(fault) for fault in file.symptoms[:MOST_SYMPTOMS]],
        timeline=[EntryShape.model_validate(entry) for entry in file.timeline],
        decisions=[DecisionShape(**_given(DecisionShape, decision)) for decision in file.decisions],
        evidence=[EvidenceShape.model_validate(evidence) for evidence in file.evidence],
        ledger=ledger_shape(file.ledger),
        clocks=[promise_shape(clock) for clock in file.clocks],
        escalation=[rung_shape(each) for each in file.ladder],
        around=[AroundShape(how=each.how.rstrip(":").lower(), case=each.case.name) for each in file.around],
        similar=[known_shapes.similar(hit) for hit in (*file.known.faqs, *file.known.cases)],
        mirrors=[known_shapes.mirror(each) for each in file.mirrors],
        vendors=[shapes.handover(file.case, each) for each in file.handovers],
        rmas=[shapes.rma(each) for each in file.rmas],
    )


def promise_shape(clock: Clock) -> PromiseShape:
    return PromiseShape(
        promise=str(clock.promise or ""),
        elapsed=clock.elapsed.total_seconds(),
        remaining=clock.remaining.total_seconds() if clock.remaining is not None else None,
        reason=locale.say(clock.reason.text, "en", **clock.reason.values),
        **_given(PromiseShape, clock, "promise", "elapsed", "remaining", "reason"),
    )


def rung_shape(rung: Rung) -> RungShape:
    return RungShape(
        step=locale.say(rung.target.text, "en", **rung.target.values),
        why=locale.say(rung.why.text, "en", **rung.why.values),
        how=list(rung.how),
        **_given(RungShape, rung, "step", "why", "how"),
    )


def ledger_shape(found: Ledger) -> LedgerShape:
    steps = {
        str(step): TookShape(least=took.least.total_seconds(), most=took.most.total_seconds())
        for step, took in found.steps.items()
    }
    return LedgerShape(steps=steps, **_given(LedgerShape, found, "steps"))


def _given(shape: type[Any], value: Any, *but: str) -> dict[str, Any]:
    """The shape's fields as the value has them; sequences become lists, mappings dicts."""
    taken = {name: getattr(value, name) for name in shape.model_fields if name not in but}
    return {name: list(v) if isinstance(v, tuple) else v for name, v in taken.items()}
