"""The page of cases shows the table of moves that the program goes by."""

from pathlib import Path

from agent.cases import moves
from agent.cases.case import CaseState

PAGE = (Path(__file__).parents[2] / "docs/reference/cases.md").read_text(encoding="utf-8")


def test_the_diagram_is_that_of_the_table() -> None:
    assert f"```mermaid\n{moves.diagram()}\n```" in PAGE


def test_every_move_has_its_row_with_its_states_command_and_meaning() -> None:
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in PAGE.splitlines() if line.count("|") == 7]
    told = {row[0]: row[1:] for row in rows}
    for move in moves.TABLE:
        sources, to, by, command, meaning = told[move.name]
        everywhere = moves.OPEN - {move.to} <= move.sources
        assert sources == (
            "any open state" if everywhere else ", ".join(f"`{s}`" for s in CaseState if s in move.sources)
        )
        assert (to, by, meaning) == (f"`{move.to}`", move.by, move.means)
        assert command == (f"`netcase {move.command}`" if move.command else "–")
