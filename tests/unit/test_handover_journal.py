"""What was handed over is known after a crash, whatever the crash tore."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agent.channels import journal as journals
from agent.channels.journal import Journal, Past
from agent.channels.scrubbing import parts_of, scrub
from agent.errors import DeliveryError


def hand_over(said: str = "250 OK", error: DeliveryError | None = None) -> Callable[[], str]:
    def do() -> str:
        if error:
            raise error
        return said

    return do


def test_what_was_taken_is_not_handed_over_again_not_even_by_another_process(tmp_path: Path) -> None:
    assert Journal(tmp_path / "j").once("a", hand_over()) == "250 OK"
    assert Journal(tmp_path / "j").once("a", hand_over("a second time")) == "250 OK (before)"
    assert Journal(tmp_path / "j").once("李娜", hand_over()) == "250 OK"


@pytest.mark.parametrize(("permanent", "doubt"), [(True, False), (False, True)])
def test_what_was_refused_is_not_in_doubt_and_what_got_no_answer_is(
    tmp_path: Path, permanent: bool, doubt: bool
) -> None:
    with pytest.raises(DeliveryError):
        Journal(tmp_path / "j").once("a", hand_over(error=DeliveryError("no", permanent=permanent)))
    assert Journal(tmp_path / "j").of("a") == Past(doubt=doubt)
    assert Journal(tmp_path / "j").once("a", hand_over()) == "250 OK", "both are tried again"


def test_a_line_that_a_crash_tore_is_passed_over_and_the_next_is_whole(tmp_path: Path) -> None:
    file = tmp_path / "j"
    Journal(file).taken("a", "250")
    with file.open("a") as torn:
        torn.write('{"key": "b", "what": "tak')
    assert Journal(file).of("b") == Past()
    Journal(file).taken("c", "251")
    after = Journal(file)
    assert (after.of("a").said, after.of("b").said, after.of("c").said) == ("250", None, "251")


def test_a_journal_that_has_grown_is_written_anew_without_what_is_long_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journals, "_COMPACTED_FROM", 100)
    old = (datetime.now(UTC) - journals.KEPT - timedelta(days=1)).isoformat()
    lines = [{"key": f"old{n}", "what": "taken", "said": "250", "at": old} for n in range(50)]
    (tmp_path / "j").write_text("".join(json.dumps(line) + "\n" for line in lines))
    Journal(tmp_path / "j").ending("new")
    assert Journal(tmp_path / "j").of("new").doubt
    assert [json.loads(line)["key"] for line in (tmp_path / "j").read_text().splitlines()] == ["new"]


def test_a_journal_that_cannot_be_written_lets_the_message_wait(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DeliveryError, match=r"cannot (read|write) the journal") as refused:
        Journal(tmp_path / "file" / "j").once("a", hand_over())
    assert not refused.value.permanent


@pytest.mark.parametrize(
    ("url", "secret"),
    [
        ("https://hooks.slack.com/services/T0001/B0001/abcdefgh", "abcdefgh"),
        ("json://user:p%40ssword@host:8080/a%2Fpath-token", "p@ssword"),
        ("json://user:p%40ssword@host:8080/a%2Fpath-token", "p%40ssword"),
        ("https://host/?key=tokentoken&x=1", "tokentoken"),
        ("no url at all but-a-token", "but-a-token"),
    ],
)
def test_every_part_of_an_address_that_may_be_a_key_is_struck_out(url: str, secret: str) -> None:
    assert secret not in scrub(f"failed: {secret} at {url} ({url!r})", parts_of(url))


def test_what_is_struck_out_leaves_a_sentence_that_can_be_read() -> None:
    said = "HTTPConnection to hooks.slack.com refused: services/T0001/B0001/abcdefgh\r\n\x1b[2J"
    url = "https://hooks.slack.com/services/T0001/B0001/abcdefgh"
    assert scrub(said, parts_of(url)) == "HTTPConnection to hooks.slack.com refused: …/…/…/… [2J"
