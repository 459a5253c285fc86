"""Visits to other ticket systems, as the outbox asks for them: their side is read, then ours is written there.

Wherever a visit is broken off the next one comes to the same: their id is kept as soon as it is known, a ticket that
was made and not remembered is found by its key, and a note that stands there is not told again.
"""

from collections.abc import Callable, Mapping
from datetime import datetime

import structlog
from prometheus_client import Counter

from agent.app import compose
from agent.app.messenger import MOST_ATTEMPTS, back_off
from agent.cases import mirror as mirrors
from agent.channels import bridges
from agent.errors import DeliveryError
from agent.inventory.bridges import BridgeSetup
from agent.inventory.inventory import Inventory
from agent.pipeline import mirroring, moving
from agent.ports import Job, Store
from agent.ports.mirrors import Bridge
from agent.settings import secret

log = structlog.get_logger()


def build(store: Store, inventory: Inventory, counter: Counter) -> "Bridging":
    made = {name: bridges.made(setup, secret) for name, setup in inventory.bridges.items()}
    return Bridging(store, inventory.bridges, made, compose.now, counter)


class Bridging:
    def __init__(
        self,
        store: Store,
        setups: Mapping[str, BridgeSetup],
        bridges: Mapping[str, Bridge],
        now: Callable[[], datetime],
        counter: Counter,
    ) -> None:
        self._store, self._setups, self._bridges, self._counter = store, setups, bridges, counter
        self._now = now

    def visit(self, job: Job) -> bool:
        """Whether both sides are the same now. Tried again with back-off; what can never be done is marked."""
        name = str(job.payload.get("bridge", ""))
        setup, bridge = self._setups.get(name), self._bridges.get(name)
        if setup is None or bridge is None:
            with self._store.begin() as tx:
                tx.fail(job, self._now(), f"no bridge {name} is set up")
            return False
        try:
            self._visit(job, setup, bridge)
        except DeliveryError as error:
            self._counter.labels(name, "failed").inc()
            self._failed(job, setup, error)
            return False
        self._counter.labels(name, "done").inc()
        return True

    def _visit(self, job: Job, setup: BridgeSetup, bridge: Bridge) -> None:
        theirs = self._theirs(job, setup, bridge)
        remote = bridge.read(theirs, notes=setup.notes)
        with self._store.begin() as tx:
            if remote is not None:
                mirroring.hear(tx, job.case, setup, remote, self._now())
            errand = mirroring.errand(tx, job.case, setup, remote)
        bridge.update(theirs, errand.written, remote, errand.notes)
        with self._store.begin() as tx:
            mirroring.done(tx, setup, errand, self._now())
            tx.finish(job, self._now(), "in step" if errand.whole else "more is to be told")

    def _theirs(self, job: Job, setup: BridgeSetup, bridge: Bridge) -> str:
        """Their id: known, found again by our key, or of a ticket that is made now."""
        with self._store.read() as tx:
            case, known = moving.known(tx, job.case), tx.mirror(job.case, setup.name)
            timeline = tx.timeline(job.case)
        if known is None:
            raise DeliveryError(f"{case.name} was never to stand in {setup.name}", permanent=True)
        if known.theirs:
            return known.theirs
        found = bridge.find(mirrors.key(case, setup))
        theirs = found or bridge.create(mirrors.ticket(case, timeline, setup))
        with self._store.begin() as tx:
            mirroring.found(tx, case, setup, theirs, made=not found, now=self._now())
        return theirs

    def _failed(self, job: Job, setup: BridgeSetup, error: DeliveryError) -> None:
        now, final = self._now(), error.permanent or job.attempts >= MOST_ATTEMPTS
        with self._store.begin() as tx:
            mirroring.failed(tx, job.case, setup, str(error), final=final, now=now)
            if final:
                tx.fail(job, now, str(error))
            else:
                tx.postpone(job, now + back_off(job.attempts), str(error))
        log.warning("bridge not reached", bridge=setup.name, case=job.case, reason=str(error), final=final)
