"""When things run; what they are is none of its business."""

import zlib
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from apscheduler.schedulers.asyncio import AsyncIOScheduler

Work = Callable[[], Awaitable[None]]


class Scheduler:
    """Runs coroutines on the event loop. What is missed because the machine slept runs once, not once for each time."""

    def __init__(self) -> None:
        defaults = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        self._inner = AsyncIOScheduler(timezone=UTC, job_defaults=defaults)

    def every(self, name: str, interval: timedelta, first: datetime, work: Work) -> None:
        self._inner.add_job(
            work, "interval", seconds=interval.total_seconds(), next_run_time=first, id=name, replace_existing=True
        )

    def daily(self, name: str, at: time, timezone: str, work: Work) -> None:
        zone = ZoneInfo(timezone)
        self._inner.add_job(work, "cron", hour=at.hour, minute=at.minute, timezone=zone, id=name, replace_existing=True)

    def start(self) -> None:
        self._inner.start()

    def stop(self) -> None:
        if self._inner.running:
            self._inner.shutdown(wait=False)


def offset(name: str, interval: timedelta) -> timedelta:
    """The same place within the interval for the same name every time, spread evenly over all names."""
    return interval * (zlib.crc32(name.encode()) / 2**32)
