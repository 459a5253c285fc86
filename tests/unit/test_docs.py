"""What is written is true of the tree: links lead somewhere, commands are described, none names where it was made."""

import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def slug(heading: str) -> str:
    """As GitHub makes anchors: lower case, punctuation gone, spaces to hyphens."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def anchors(page: Path) -> set[str]:
    return {slug(heading) for heading in re.findall(r"^#+ (.+)$", FENCE.sub("", page.read_text()), re.MULTILINE)}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_relative_link_leads_somewhere(page):
    dead = []
    for target in LINK.findall(FENCE.sub("", page.read_text())):
        if target.startswith(("http://", "https://", "mailto:")):
            continue
        path, _, anchor = target.partition("#")
        there = (page.parent / path).resolve() if path else page
        if not there.exists() or (anchor and there.suffix == ".md" and anchor not in anchors(there)):
            dead.append(target)
    assert dead == []


def test_the_index_names_every_page():
    index = (ROOT / "docs" / "README.md").read_text()
    linked = {(ROOT / "docs" / target).resolve() for target in LINK.findall(index)}
    assert {page for page in PAGES if (ROOT / "docs") in page.parents and page.name != "README.md"} <= linked


def test_the_readme_and_the_design_draw_the_floors_that_the_contracts_hold():
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (layers,) = (contract["layers"] for contract in contracts if contract["type"] == "layers")
    floors = [{name.strip() for name in re.split(r"[|:]", layer)} for layer in layers]
    for page in ("CONTRIBUTING.md", "docs/design.md"):
        drawn = [set(re.findall(r"agent\.([a-z]+)", line)) for line in (ROOT / page).read_text().splitlines()]
        drawn = [names for names in drawn if names]
        assert [floor for floor in floors if floor in drawn] == floors, page


# ---------------------------------------------------------------- names that do not belong here

REGISTRIES = (
    "pypi" + ".org",
    "pythonhosted" + ".org",
    "npmjs" + ".org",
    "npmjs" + ".com",
    "deb.debian" + ".org",
    "crates" + ".io",
)
PLACES = re.compile("|".join([r"/work" + r"/\w", r"(?<![\w.])/opt" + r"/(?:pypi|wheels)", *map(re.escape, REGISTRIES)]))
ISSUE = re.compile(
    r"(?i)\b(?:issue|pull request|PR|ticket|bug)[ -]?#?\d+\b|(?<![\w&#/])#\d{2,6}\b(?![0-9A-Fa-f]*[;\"'])"
)


def tracked() -> Iterator[Path]:
    done = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip("not a git clone: what belongs to the project cannot be told from what was made")
    for name in done.stdout.splitlines():
        if (ROOT / name).is_file():
            yield ROOT / name


def lines() -> Iterator[tuple[str, str]]:
    for path in tracked():
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(text.splitlines(), 1):
            yield f"{path.relative_to(ROOT)}:{number}", line


def test_no_file_names_a_registry_or_a_path_of_one_machine():
    assert [f"{where}: {found[0]}" for where, line in lines() if (found := PLACES.search(line))] == []


def test_no_file_names_an_issue_number():
    """What is true is said where it is read; a number says nothing to who has no tracker at hand."""
    given = ("web/static/", "tests/recordings/", ".svg", "requirements.lock")
    found = [
        f"{where}: {match[0]}"
        for where, line in lines()
        if not any(part in where for part in given) and (match := ISSUE.search(line))
    ]
    assert found == []


# ---------------------------------------------------------------- commands


def commands() -> Iterator[tuple[str, list[str]]]:
    """Every command and its options, as the parser knows them."""
    import typer.main

    from agent.cli import cli

    def walk(command, path):
        if not getattr(command, "commands", None):
            yield " ".join(path), [name for option in command.params for name in option.opts if name.startswith("--")]
        for name, child in getattr(command, "commands", {}).items():
            if not child.hidden:
                yield from walk(child, [*path, name])

    yield from walk(typer.main.get_command(cli), ["netcase"])


def test_the_reference_describes_every_command_and_option():
    reference = (ROOT / "docs" / "reference" / "cli.md").read_text()
    sections = dict(re.findall(r"^### `(netcase [^`]*?)`\n(.*?)(?=^#|\Z)", reference, re.MULTILINE | re.DOTALL))
    for name, options in commands():
        (section,) = [text for title, text in sections.items() if title == name] or [None]
        assert section is not None, f"docs/reference/cli.md lacks {name}"
        assert [option for option in options if f"`{option}" not in section and option != "--help"] == [], name
