"""Runs a checklist over devices: asks each by SNMP and SSH, and has them judged with their history from the store."""

import asyncio
import shutil
import tempfile
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

from agent.app import delivery
from agent.inspection import checklist as checklists
from agent.inspection import verdicts
from agent.inspection.checklist import Checklist
from agent.inspection.verdicts import Verdict
from agent.inventory.device import Device
from agent.inventory.inventory import Inventory
from agent.observation import Batch, Fact, Tier
from agent.ports import Poller, Shell, Store
from reports import document, inspected, inspection
from reports.document import Document
from reports.inspected import Answers

SSH_WORKERS = 16

Fresh = dict[Tier, Batch]


class Inspector:
    """`told` is called with (done, of) after each device, for whoever shows the progress."""

    def __init__(
        self, store: Store, inventory: Inventory, poller: Poller, shell: Shell, now: Callable[[], datetime]
    ) -> None:
        self._store, self._inventory, self._poller, self._shell, self._now = store, inventory, poller, shell, now

    async def inspect(
        self, checklist: Checklist, names: Iterable[str], told: Callable[[int, int], None] = lambda *_: None
    ) -> tuple[Document, list[Verdict]]:
        wanted, done = list(names), 0
        fresh: dict[str, Fresh] = {}
        said: dict[str, Answers] = {}

        async def visit(name: str) -> None:
            nonlocal done
            fresh[name], said[name] = await self._visit(checklist, self._inventory.devices[name], pool)
            done += 1
            told(done, len(wanted))

        with ThreadPoolExecutor(SSH_WORKERS, "inspect") as pool:
            await asyncio.gather(*map(visit, wanted))
        answered = {name: batches for name, batches in fresh.items() if batches}
        return await asyncio.to_thread(self._judge, checklist, wanted, said, answered)

    async def _visit(self, checklist: Checklist, device: Device, pool: ThreadPoolExecutor) -> tuple[Fresh, Answers]:
        batches = {tier: await self._poller.poll(device, tier) for tier in Tier}
        fresh = {tier: batch for tier, batch in batches.items() if _answered(batch)}
        device = delivery.as_told(device, fresh.values())
        return fresh, await asyncio.get_running_loop().run_in_executor(pool, self._ask, checklist, device)

    def _ask(self, checklist: Checklist, device: Device) -> Answers:
        topics = checklists.topics(checklist)
        if device.ssh is None:
            return Answers(failures=dict.fromkeys(topics, "the inventory has no SSH access for this device"))
        folder = Path(tempfile.mkdtemp(prefix="netcase-"))
        try:
            transcripts = list(self._shell.collect(device, [(topic, {}) for topic in topics], folder))
            delivery.tell_of_key(self._store, device.name, transcripts)
            return inspected.answers(transcripts)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _judge(
        self, checklist: Checklist, names: list[str], said: dict[str, Answers], fresh: dict[str, Fresh]
    ) -> tuple[Document, list[Verdict]]:
        now = self._now()
        with self._store.read() as tx:
            materials = inspected.material(tx, self._inventory, names, checklist, said, now, fresh)
            last = tx.documents("inspection", 1)
            body = tx.document("inspection", last[0][0]) if last else None
        every = [verdict for material in materials for verdict in verdicts.judge(checklist, material)]
        previous = document.from_json(body) if body else None
        made = inspection.build(checklist, every, self._inventory, now, previous)
        with self._store.begin() as tx:
            tx.save_document("inspection", now.strftime("%Y-%m-%dT%H%M%SZ"), now, document.to_json(made))
        return made, every


def _answered(batch: Batch) -> bool:
    told = {o.fact: o.value for o in batch.observations}
    return bool(told.get(Fact.SNMP_REACHABLE, told and not batch.failures))
