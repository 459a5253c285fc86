"""The page that tells people what is believed when keeps up with the code."""

from pathlib import Path

import pytest

from agent.faults import confirmation
from agent.faults.fault import FaultKind
from agent.inventory.policies import Policies

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "reference" / "faults.md").read_text("utf-8")


@pytest.mark.parametrize("kind", FaultKind)
def test_every_kind_of_fault_is_told_with_the_polls_it_takes_to_be_believed(kind: FaultKind) -> None:
    (row,) = [line for line in PAGE.splitlines() if line.startswith("|") and f"`{kind}`" in line]
    count = confirmation.policy(Policies(), kind).count
    assert f"| {count} poll{'s' if count > 1 else ''} |" in row
