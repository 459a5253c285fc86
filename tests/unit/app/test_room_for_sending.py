"""A page goes out whatever else the agent is busy with."""

import asyncio
import io
import threading
from pathlib import Path

import pytest

from agent.app.agent import MAIL_WORKERS, Agent
from agent.app.compose import Memory
from agent.settings import Endpoint, Settings
from agent.storage.engine import open_store
from agent.storage.evidence import FileEvidence
from tests.story import device, inventory


async def test_reports_that_take_long_leave_room_for_messages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    memory = Memory(open_store(f"sqlite:///{tmp_path}/netcase.db"), FileEvidence(tmp_path / "evidence"), tmp_path)
    settings = Settings(data=tmp_path, web=Endpoint("127.0.0.1", 0))
    agent = Agent(settings, inventory([device("r1")], [], ["r1"]), memory, out=io.StringIO())
    over = threading.Event()
    for slow in (agent.reporter, agent._weekly, agent._monthly):
        monkeypatch.setattr(slow, "issue", over.wait)
    rounds = (agent._report, agent._weekly_reports, agent._monthly_reports, agent._report)
    assert len(rounds) >= MAIL_WORKERS
    tasks = [asyncio.create_task(each()) for each in rounds]
    try:
        await asyncio.sleep(0.1)
        assert await asyncio.wait_for(agent._in(agent._sending, lambda: "sent"), 10) == "sent"
    finally:
        over.set()
        await asyncio.gather(*tasks)
        await agent.stop()
        memory.store.close()
