"""Vendors' cases, RMAs and spare parts as `/api/v1` tells them."""

from typing import Any

from agent.cases.case import Case
from agent.cases.rma import Rma
from agent.cases.spares import Count, Spare
from agent.cases.vendor import Handover
from agent.web.schemas import HandoverShape, RmaShape, SpareShape, StockShape


def _taken(shape: type[Any], value: Any, *but: str) -> dict[str, Any]:
    return {name: getattr(value, name) for name in shape.model_fields if name not in but}


def rma(found: Rma) -> RmaShape:
    return RmaShape(case=f"NC-{found.case:06d}", **_taken(RmaShape, found, "case"))


def spare(found: Spare) -> SpareShape:
    held = f"RMA-{found.rma:06d}" if found.rma else ""
    return SpareShape(rma=held, **_taken(SpareShape, found, "rma"))


def stock(found: Count) -> StockShape:
    return StockShape(**_taken(StockShape, found))


def handover(case: Case, found: Handover) -> HandoverShape:
    return HandoverShape(case=case.name, **_taken(HandoverShape, found, "case"))
