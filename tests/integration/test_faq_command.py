"""`netcase faq`, `search`, `case similar` and `case helped`: what is written, found, counted and refused."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from agent.cases.case import Case, CaseKind, CaseState, Severity
from agent.cli import cli
from agent.errors import RefusedError, UsageError
from agent.inventory.inventory import Inventory
from agent.observation import Subject
from agent.pipeline import learning
from agent.pipeline.desk import Desk
from agent.pipeline.docket import Docket
from agent.storage.engine import open_store

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
Run = Callable[..., Result]

PAGE = """# 无线用户获取不到地址

## 现象
DHCP 请求超时，DHCP pool exhausted。

## 原因
地址池耗尽。

## 处理
缩短租期，扩大地址池。
"""


def opens(folder: Path, title: str) -> str:
    case = Case(
        problem=title,
        kind=CaseKind.REPORTED,
        subject=Subject(""),
        severity=Severity.P3,
        state=CaseState.NEW,
        opened=NOON,
        updated=NOON,
        root="",
        title=title,
    )
    store = open_store(f"sqlite:///{folder}/netcase.db")
    with store.begin() as tx:
        case = tx.open_case(case)
        learning.learn(Desk(tx, Inventory(), NOON), Docket(case, tx.timeline(case.number)))
    store.close()
    return case.name


@pytest.fixture
def netcase(tmp_path: Path) -> Run:
    def run(*words: str, text: str | None = None) -> Result:
        environment = {"LANG": "en_US.UTF-8", "COLUMNS": "200"}
        return CliRunner().invoke(cli, [*words, "--data", str(tmp_path)], env=environment, input=text)

    assert run("db", "upgrade").exit_code == 0
    return run


@pytest.fixture
def page(tmp_path: Path) -> str:
    (tmp_path / "entry.md").write_text(PAGE, encoding="utf-8")
    return str(tmp_path / "entry.md")


def test_an_entry_is_written_published_found_and_counted(netcase: Run, tmp_path: Path, page: str) -> None:
    first = opens(tmp_path, "wireless users get no address from DHCP")
    written = netcase("faq", "write", first, "--file", page, "--as", "li-na")
    assert written.stdout == (
        f"FAQ-000001 is written from {first}; it is a draft until netcase faq publish FAQ-000001\n"
    )
    assert netcase("faq", "publish", "1", "--lang", "zh_CN").stdout == "FAQ-000001 现为已发布\n"
    second = opens(tmp_path, "DHCP pool exhausted again")
    found = json.loads(netcase("case", "similar", second, "--json").stdout)
    assert [(each["name"], each["reason"]) for each in found] == [("FAQ-000001", "3 of 4 words")]
    assert netcase("case", "helped", second, "FAQ-000001").stdout == f"FAQ-000001 helped on {second}\n"
    again = netcase("case", "helped", second, "faq-1")
    assert again.stdout == f"that FAQ-000001 helped on {second} is counted already\n"
    (listed,) = json.loads(netcase("faq", "list", "--json").stdout)
    assert (listed["shown"], listed["helped"], listed["written"]["language"]) == (1, 1, "zh_CN")


@pytest.mark.parametrize("asked", [["租期"], ["地址池", "耗尽"], ["DHCP", "exhausted"], ["FAQ-000001"]])
def test_an_entry_is_found_by_its_words_in_both_languages(
    netcase: Run, tmp_path: Path, page: str, asked: list[str]
) -> None:
    netcase("faq", "write", opens(tmp_path, "no address"), "--file", page, "--publish")
    for command in (["search"], ["faq", "search"]):
        found = json.loads(netcase(*command, *asked, "--json").stdout)
        assert [each["name"] for each in found if each["sort"] == "faq"] == ["FAQ-000001"]


def test_a_case_is_found_by_its_words_too(netcase: Run, tmp_path: Path) -> None:
    case = opens(tmp_path, "核心交换机风扇异响")
    assert case in netcase("search", "风扇").stdout
    assert netcase("faq", "search", "风扇").stdout == "Nothing has these words.\n"


def test_a_change_is_a_revision_and_the_history_says_why(netcase: Run, tmp_path: Path, page: str) -> None:
    netcase("faq", "write", opens(tmp_path, "x"), "--file", page)
    text = PAGE.replace("缩短租期", "把租期改为 1 小时")
    changed = netcase("faq", "edit", "FAQ-000001", "--file", "-", "-m", "clearer", "--as", "maria", text=text)
    assert changed.stdout == "FAQ-000001 is changed: revision 2\n"
    shown = json.loads(netcase("faq", "show", "1", "--json").stdout)
    assert [(each["revision"], each["actor"], each["note"]) for each in shown["revisions"]][1:] == [
        (2, "maria", "clearer")
    ]
    assert "1 小时" in netcase("faq", "show", "1").stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["faq", "show", "FAQ-000009"], "there is no FAQ entry FAQ-000009: `netcase faq list` lists them"),
        (["faq", "show", "²"], "there is no FAQ entry"),
        (["faq", "list", "--state", "old"], "--state old is not known: write one of draft, published, retired"),
        (["case", "similar", "NC-000099"], "there is no case NC-000099: `netcase cases` lists them"),
        (["case", "helped", "1", "7"], "there is no FAQ entry 7"),
        (["faq", "write", "1", "--in", "fr", "--file", "-"], "--in fr is not known: write one of en, zh_CN"),
    ],
)
def test_what_is_not_there_is_said_with_what_to_write_instead(
    netcase: Run, tmp_path: Path, words: list[str], said: str
) -> None:
    opens(tmp_path, "x")
    done = netcase(*words)
    assert isinstance(done.exception, UsageError)
    assert said in str(done.exception)


def test_a_page_without_what_helped_is_refused(netcase: Run, tmp_path: Path) -> None:
    done = netcase("faq", "write", opens(tmp_path, "x"), "--file", "-", text="# A\n## Symptom\nb\n")
    assert isinstance(done.exception, RefusedError)
    assert "## Fix" in str(done.exception)
    assert netcase("faq", "list").stdout == "No FAQ entries: netcase faq write CASE makes one.\n"


def test_a_case_is_shown_with_what_is_like_it(netcase: Run, tmp_path: Path, page: str) -> None:
    netcase("faq", "write", opens(tmp_path, "DHCP"), "--file", page, "--publish")
    case = opens(tmp_path, "DHCP pool exhausted")
    assert "FAQ-000001  无线用户获取不到地址" in netcase("case", "show", case).stdout
    found = json.loads(netcase("case", "show", case, "--json").stdout)
    assert [each["name"] for each in found["similar"]] == ["FAQ-000001"]
