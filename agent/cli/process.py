"""What the long-running commands share: signals, and the log."""

import asyncio
import logging
import os
import resource
import signal
import sys
import threading

FILES = 65_536  # open at once: enough for every device, connection and page


def many_files() -> None:
    """As many open files as the administrator permits: the usual 1024 are meant for programs that use select(2)."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def stop_signal() -> asyncio.Event:
    """Set by SIGINT and SIGTERM."""
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    return stopped


def log_to_stderr(level: str = "") -> None:
    """One line an event, for people and for journald. NETCASE_LOG sets the level; libraries speak from warning on."""
    import structlog

    wanted = (level or os.environ.get("NETCASE_LOG", "info")).upper()
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger("apscheduler").setLevel(logging.CRITICAL)  # our rounds tell their errors themselves
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty()),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping().get(wanted, logging.INFO)),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def leave() -> None:
    """Ends the process even while a thread still waits for a slow device: what it was doing is begun anew next time.

    Python itself would wait for the thread, which reads `show tech` for up to half an hour.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    if any(thread.is_alive() for thread in threading.enumerate() if thread is not threading.current_thread()):
        os._exit(0)
