"""What a login over SSH tells of its device: whether it is still the one that it was.

No poll sees a host key, so no poll begins or ends this fault: a login does, or a person who accepts the new key.
"""

from dataclasses import replace
from datetime import datetime

from agent.cases.outcome import Outcome
from agent.faults import confirmation, rules
from agent.faults.fault import FaultKind, FaultState
from agent.faults.rules import Judgement
from agent.observation import Subject
from agent.ports import Store

CHANGED = frozenset({Outcome.HOST_KEY_CHANGED, Outcome.HOST_KEY_REVOKED})
PAST_THE_KEY = frozenset(  # the key is judged before anything else is said
    {Outcome.DONE, Outcome.TIMED_OUT, Outcome.ENDLESS, Outcome.DROPPED, Outcome.DEVICE_REFUSED}
    | {Outcome.WRONG_PASSWORD, Outcome.WRONG_ENABLE, Outcome.NO_PROMPT}
)


def told(store: Store, device: str, outcome: Outcome | None, why: str, at: datetime) -> bool:
    """Whether a fault began or ended. What never came as far as the key tells nothing."""
    if outcome not in CHANGED | PAST_THE_KEY:
        return False
    kind, subject = FaultKind.HOST_KEY_CHANGED, Subject(device)
    with store.begin() as tx:
        before = next((f for f in tx.open_faults(device) if (f.kind, f.subject) == (kind, subject)), None)
        if outcome in PAST_THE_KEY:
            after = before and replace(before, state=FaultState.CLEARED, cleared=at, recovering=at)
        else:
            after = confirmation.advance(
                before, Judgement(subject, kind, True, why), at, rules.in_force().believe(kind)
            )
        if after is None or after is before:
            return False
        tx.save_faults([after])
        tx.note("login", {"device": device, "outcome": str(outcome), "why": why, "at": at.isoformat()})
    return True
