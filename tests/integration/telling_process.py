"""A messenger that can be killed between any two of its steps.

Reads one order a line (JSON: url, folder, smtp, hook, point, nth) and forks for each: the child works off the outbox of
that store as an agent does after a start, and kills itself with SIGKILL when it comes to the point for the nth time.
Prints how each child ended. The steps are the real ones, wrapped.
"""

import json
import os
import signal
import smtplib
import sys
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry

from agent.app import channels as ways
from agent.app.messenger import Messenger
from agent.channels import console, email, http, webhook
from agent.channels.journal import Journal
from agent.inventory.channels import ChannelKind, ChannelSetup
from agent.inventory.device import Secret
from agent.inventory.inventory import Inventory
from agent.inventory.policies import Policies, Smtp
from agent.metrics import Metrics
from agent.pipeline import gathering
from agent.ports import JobKind
from agent.storage.engine import open_store
from agent.storage.transaction import SqlTransaction

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
SENDER = "netcase@example.net"


class Death:
    """`steps` are all that were come to: what a run without a death tells of the points there are."""

    def __init__(self, point: str, nth: int) -> None:
        self._point, self._nth, self.steps = point, nth, Counter[str]()

    def at(self, point: str) -> None:
        self.steps[point] += 1
        if point == self._point and self.steps[point] == self._nth:
            os.kill(os.getpid(), signal.SIGKILL)

    def around(self, owner: Any, name: str, what: str, counts: Callable[..., bool] = lambda *a: True) -> None:
        inner = getattr(owner, name)

        def wrapped(*arguments: Any, **named: Any) -> Any:
            here = counts(*arguments)
            if here:
                self.at(f"before {what}")
            result = inner(*arguments, **named)
            if here:
                self.at(f"after {what}")
            return result

        setattr(owner, name, wrapped)


def arm(death: Death) -> None:
    dotted: list[bool] = []

    def is_dot(_client: Any, data: Any) -> bool:
        dotted[:] = [data == b".\r\n"]
        return dotted[0]

    death.around(SqlTransaction, "lease", "lease", lambda _tx, kind, *rest: kind is JobKind.NOTIFY)
    death.around(email.EmailChannel, "_connect", "connecting")
    death.around(email, "_announce", "naming sender and recipient")
    death.around(Journal, "ending", "the journal says that it ends")
    death.around(smtplib.SMTP, "send", "the dot", is_dot)
    death.around(smtplib.SMTP, "getreply", "the answer to the dot", lambda *a: bool(dotted and dotted[0]))
    death.around(http, "post", "the post")
    death.around(webhook, "signature", "signing")
    death.around(Journal, "taken", "the journal says that it is taken")
    death.around(console, "append", "the console's journal")
    death.around(console.ConsoleChannel, "_print", "printing")
    death.around(SqlTransaction, "finish", "marking it done")
    death.around(SqlTransaction, "log", "writing it on the case")
    death.around(SqlTransaction, "enqueue", "putting the digest in")
    death.around(gathering, "gather", "gathering")
    death.around(Messenger, "send", "a message")


def work(order: dict[str, Any]) -> Counter[str]:
    death = Death(order["point"], order["nth"])
    arm(death)
    store, folder = open_store(order["url"]), Path(order["folder"])
    hook = ChannelSetup(name="hook", kind=ChannelKind.WEBHOOK, url=Secret("url"), secret=Secret("key"))
    smtp = Smtp(host="127.0.0.1", port=order["smtp"], sender=SENDER)
    inventory = Inventory(channels={"hook": hook}, policies=Policies(smtp=smtp))
    secrets = {"url": f"http://127.0.0.1:{order['hook']}/netcase", "key": "a shared secret"}
    with (folder / "out").open("a", encoding="utf-8") as out:
        channels = ways.build(inventory, folder, secrets.__getitem__, out)
        sender = Messenger(store, channels, lambda: NOW, Metrics(CollectorRegistry()).notifications, inventory)
        with store.begin() as tx:
            tx.take_back(f"{os.getpid()}")
        gathering.gather(store, inventory, NOW)
        with store.begin() as tx:
            jobs = tx.lease(JobKind.NOTIFY, NOW, timedelta(minutes=2), f"{os.getpid()}", 100)
        death.at("leased")
        for job in jobs:
            sender.send(job)
    store.close()
    return death.steps


def main() -> None:
    print("ready", flush=True)
    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if child == 0:
            steps = work(order)
            (Path(order["folder"]) / "steps.json").write_text(json.dumps(steps))
            os._exit(0)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


if __name__ == "__main__":
    main()
