"""Whose traps the agent believes, from an inventory as it is written, and who it is to those that send v3 informs."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from agent.app import trapping
from agent.errors import StoreError
from agent.inventory import parse
from agent.metrics import Metrics
from agent.settings import Endpoint

SECRETS = {"POLLS": "polls", "TRAPS": "traps-only", "AUTH": "authpass1"}
INVENTORY = """
version: 1
credentials:
  polls: {kind: snmp_v2c, community: env:POLLS}
  traps: {kind: snmp_v2c, community: env:TRAPS}
  sender: {kind: snmp_v3, user: sender, auth_protocol: sha256, auth: env:AUTH}
customers: {c: {title: C}}
sites: {s: {title: S, customer: c}}
devices:
  sw1: {address: 192.0.2.1, site: s, snmp: polls, reachability: [snmp]}
"""


@pytest.fixture(autouse=True)
def secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)


def test_a_credential_that_no_device_is_polled_with_may_still_send_traps(tmp_path: Path) -> None:
    inventory = parse.parse(INVENTORY, "inventory.yaml", SECRETS.get)
    metrics = Metrics(CollectorRegistry(), "0")
    listener = trapping.listener(Endpoint("127.0.0.1", 0), inventory, tmp_path, lambda _: "", lambda: True, metrics)
    known = listener._security.believed
    assert known.community(b"polls") and known.community(b"traps-only") and not known.community(b"public")
    assert [user.auth for user in known.candidates(b"sender", "192.0.2.9")] == [b"authpass1"]
    listener._take("192.0.2.9", b"nonsense", ("192.0.2.9", 162), datetime.now(UTC))
    assert metrics.traps_refused.labels("not_snmp")._value.get() == 1


def test_the_engine_id_is_the_same_after_every_start(tmp_path: Path) -> None:
    first = trapping.engine_id(tmp_path)
    assert first == trapping.engine_id(tmp_path) and first.startswith(b"\x80\x00\x7e\xd9\x05") and len(first) == 17
    assert (tmp_path / "engine-id").read_text() == f"{first.hex()}\n"


@pytest.mark.parametrize("kept", ["", "not hexadecimal", "00", "00" * 33])
def test_what_is_no_engine_id_is_made_anew(tmp_path: Path, kept: str) -> None:
    (tmp_path / "engine-id").write_text(kept)
    assert len(trapping.engine_id(tmp_path)) == 17


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="engine-id cannot be written"):
        trapping.engine_id(tmp_path / "missing")
