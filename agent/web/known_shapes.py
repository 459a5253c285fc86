"""What programs are told of what is like a case, and of where else it stands."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from agent.cases.mirror import Mirror, MirrorState
from agent.cases.similar import Hit, Sort


class SimilarShape(BaseModel):
    """`answer` is what helped, `reason` why it is thought to be like the case; `helped` counts cases."""

    model_config = ConfigDict(extra="forbid")

    name: str
    sort: Sort
    title: str
    state: str
    answer: str
    reason: str
    helped: int


class MirrorShape(BaseModel):
    """The case in another ticket system; `said` is what went wrong the last time."""

    model_config = ConfigDict(extra="forbid")

    bridge: str
    state: MirrorState
    theirs: str
    name: str
    link: str
    at: datetime
    checked: datetime
    said: str


def similar(hit: Hit) -> SimilarShape:
    one = hit.candidate
    return SimilarShape(
        name=one.name,
        sort=one.sort,
        title=one.title,
        state=one.state,
        answer=one.answer,
        reason=hit.reason,
        helped=one.helped,
    )


def mirror(each: Mirror) -> MirrorShape:
    return MirrorShape(**{name: getattr(each, name) for name in MirrorShape.model_fields})
