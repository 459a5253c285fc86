"""`netcase bridges`: what is listed, checked, tried again and refused."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, Counter
from typer.testing import CliRunner, Result

from agent.app import bridging
from agent.app.delivery import LEASES
from agent.cases.case import Case, CaseKind, CaseState, Severity
from agent.cli import cli
from agent.errors import RefusedError, UnavailableError, UsageError
from agent.inventory import parse
from agent.observation import Subject
from agent.pipeline import attending
from agent.ports import JobKind
from agent.storage.engine import open_store
from tests import bridge_servers
from tests.bridge_servers import TOKEN, Rest

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
INVENTORY = """
customers: {{bank: {{title: Bank}}}}
sites: {{hq: {{customer: bank}}}}
devices: {{core-1: {{address: 192.0.2.1, site: hq}}}}
bridges:
  desk: {{kind: rest, url: "{url}", token: env:NETCASE_DESK, customers: [bank], severities: [P1, P2], timeout: 1s}}
"""


@dataclass
class Desk:
    product: Rest
    folder: Path

    def run(self, *words: str) -> Result:
        environment = {"LANG": "en_US.UTF-8", "COLUMNS": "200", "NETCASE_DESK": TOKEN}
        options = ["-i", str(self.folder / "inventory.yaml")]
        if words[1] != "check":
            options += ["--data", str(self.folder)]
        return CliRunner().invoke(cli, [*words, *options], env=environment)

    def visit(self, *, opens: bool = True, severity: Severity = Severity.P2) -> None:
        """A case is opened, and the agent does what is due."""
        text = (self.folder / "inventory.yaml").read_text()
        network = parse.parse(text, "inventory.yaml", lambda _: TOKEN)
        store = open_store(f"sqlite:///{self.folder}/netcase.db")
        counter = Counter("visits", "x", ["bridge", "outcome"], registry=CollectorRegistry())
        made = bridging.build(store, network, counter)
        with store.begin() as tx:
            if opens:
                tx.open_case(Case(
                    problem=str(severity), kind=CaseKind.REPORTED, subject=Subject("core-1"), severity=severity,
                    state=CaseState.NEW, opened=NOON, updated=NOON, root="", customer="bank", title="slow",
                ))  # fmt: skip
            attending.attend(tx, network, datetime.now(UTC))
            jobs = tx.lease(JobKind.BRIDGE, datetime.now(UTC), LEASES[JobKind.BRIDGE], "me")
        for job in jobs:
            made.visit(job)
        store.close()


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setenv("NETCASE_DESK", TOKEN)
    product = Rest()
    with bridge_servers.served(product) as url:
        (tmp_path / "inventory.yaml").write_text(INVENTORY.format(url=url))
        CliRunner().invoke(cli, ["db", "upgrade", "--data", str(tmp_path)])
        yield Desk(product, tmp_path)


def test_a_bridge_is_listed_with_how_many_cases_stand_there(desk: Desk) -> None:
    desk.visit()
    done = desk.run("bridges", "list", "--json")
    assert done.exit_code == 0
    found = json.loads(done.stdout)
    assert found["bridges"][0]["cases"] == {"pending": 0, "in_step": 1, "failed": 0}
    assert found["cases"] == []
    assert TOKEN not in done.stdout
    assert "desk" in desk.run("bridges", "list", "--lang", "zh_CN").stdout


def test_a_case_that_failed_is_listed_with_why_and_tried_again(desk: Desk) -> None:
    desk.product.faults = [422]
    desk.visit()
    listed = desk.run("bridges", "list")
    assert listed.exit_code == 1
    assert "NC-000001" in listed.stdout
    assert "bridge desk answered 422" in listed.stdout
    assert desk.run("bridges", "retry", "1").stdout == "NC-000001 is on its way to desk\n"
    assert json.loads(desk.run("bridges", "list", "--state", "pending", "--json").stdout)["cases"][0]["case"] == 1
    desk.visit(opens=False)
    assert desk.run("bridges", "list").exit_code == 0


def test_a_check_says_in_both_languages_whether_it_lets_us_in(desk: Desk) -> None:
    assert desk.run("bridges", "check", "desk").stdout == "bridge desk answers and lets us in\n"
    assert desk.run("bridges", "check", "desk", "--lang", "zh_CN").stdout == "desk 有应答，登录成功\n"
    desk.product.faults = [401]
    done = desk.run("bridges", "check", "desk")
    assert isinstance(done.exception, UnavailableError)
    assert "bridge desk answered 401" in str(done.exception)


@pytest.mark.parametrize(
    ("words", "error", "said"),
    [
        (["bridges", "check", "dsk"], UsageError, "there is no bridge dsk in the inventory; it names desk"),
        (
            ["bridges", "list", "--state", "late"],
            UsageError,
            "--state late is not known: write one of pending, in_step",
        ),
        (["bridges", "retry", "99"], UsageError, "there is no case 99: `netcase cases` lists them"),
        (["bridges", "retry", "1", "--bridge", "desk"], RefusedError, "NC-000001 does not go to desk"),
        (["bridges", "retry", "1"], UsageError, "NC-000001 stands in no other system"),
    ],
)
def test_what_cannot_be_is_said_with_what_to_do(
    desk: Desk, words: list[str], error: type[Exception], said: str
) -> None:
    desk.visit(severity=Severity.P4)
    done = desk.run(*words)
    assert isinstance(done.exception, error), done.output
    assert said in str(done.exception)
