import re
from html.parser import HTMLParser

import pytest

from agent.errors import UnavailableError
from agent.locale import Text
from reports import daily
from reports.document import Document, Kind, Spark, Strip
from reports.render import chart, files, html
from tests import fakes_reports as history

LANGUAGES = ["en", "zh_CN"]


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    with history.story(tmp_path_factory.mktemp("history")).begin() as tx:
        return daily.build(tx, history.inventory(), history.DAY, history.MORNING)


class Page(HTMLParser):
    """Collects tags and attributes, and holds tags to their order."""

    void = frozenset({"meta", "br", "line", "polygon", "polyline", "circle"})

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.open = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in self.void:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in self.void:
            assert self.open.pop() == tag


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_stands_alone_runs_nothing_and_fetches_nothing(report, language):
    text = html.render(report, language)
    page = Page(text)
    assert page.open == []
    assert not {"script", "link", "img", "iframe", "object", "embed", "foreignobject"} & set(page.tags)
    assert not [name for name, _ in page.attributes if name.startswith("on") or name in ("src", "href", "style")]
    assert "@import" not in text
    assert "url(" not in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_stranger_sent_is_shown_and_not_run(report, language):
    text = html.render(report, language)
    assert history.HOSTILE not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text


def test_the_same_document_reads_in_both_languages(report):
    english, chinese = html.render(report, "en"), html.render(report, "zh_CN")
    assert '<html lang="en">' in english
    assert '<html lang="zh-CN">' in chinese
    assert "Restore sz-rt-1: device unreachable (new)" in english
    assert "恢复 sz-rt-1：设备不可达（新建）" in chinese
    assert "9 h 27 min" in english
    assert "9 小时 27 分钟" in chinese
    assert "2026年11月21日 星期六" in chinese


def test_a_chinese_page_holds_no_english_sentence(report):
    text = re.sub(r"<style>.*?</style>|<[^>]+>", " ", html.render(report, "zh_CN"), flags=re.DOTALL)
    assert not re.findall(r"\b(?:the|and|was|were|no|is)\b", text.replace("no prompt for 60 s", ""))


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_empty_document_is_a_page_too(language):
    empty = Document(
        kind="daily", title="x", start="", end="", made="2026-11-21T00:00:00+00:00", phase="future", notes=(Text("y"),)
    )
    assert "<main" in html.render(empty, language)


def test_a_part_for_another_page_brings_no_head(report):
    part = html.body(report, "en")
    assert part.startswith("<main") and "<style>" not in part


@pytest.mark.parametrize(
    ("cell", "kind", "english", "chinese"),
    [
        (None, Kind.PERCENT, '<span class="none">–</span>', '<span class="none">–</span>'),
        (99.999, Kind.PERCENT, "99.99 %", "99.99%"),
        (41.26, Kind.CELSIUS, "41.3 °C", "41.3 °C"),
        (7500.0, Kind.DURATION, "2 h 5 min", "2 小时 5 分钟"),
        (0, Kind.DURATION, "0", "0"),
        (10**9, Kind.RATE, "1 Gbit/s", "1 Gbit/s"),
        (-3.0, Kind.CHANGE, "−3", "−3"),
        (3, Kind.CHANGE, "+3", "+3"),
        (0.0, Kind.CHANGE, "±0", "±0"),
        (12345, Kind.NUMBER, "12,345", "12,345"),
        ("fan_failed", Kind.WORD, "fan failed", "风扇故障"),
        ("2026-11-21T00:00:00+00:00", Kind.MOMENT, "21 Nov 08:00", "11月21日 08:00"),
        ("<b>", Kind.NAME, "&lt;b&gt;", "&lt;b&gt;"),
        ("missed", Kind.STATUS, '<span class="badge missed">missed</span>', '<span class="badge missed">未达标</span>'),
    ],
)
def test_a_cell_is_written_as_its_kind_is_in_each_language(cell, kind, english, chinese):
    assert html.show(cell, kind, "en", "Asia/Shanghai") == english
    assert html.show(cell, kind, "zh_CN", "Asia/Shanghai") == chinese


def test_a_chart_breaks_where_nothing_was_measured():
    drawn = chart.spark(Spark((1.0, 2.0, None, 4.0), 0, 10, 5))
    assert drawn.count("<polyline") == 1
    assert drawn.count("<circle") == 1
    assert 'class="limit"' in drawn
    assert "svg" not in chart.spark(Spark((None, None)))


def test_a_short_outage_is_drawn_wide_enough_to_be_seen():
    drawn = chart.strip(Strip((("up", 86_000.0), ("down", 1.0), ("up", 399.0))), "en")
    assert float(re.search(r'class="down" x="[\d.]+" width="([\d.]+)"', drawn).group(1)) >= 4
    assert "<title>down 1 s</title>" in drawn


def test_a_report_is_written_whole_or_not_at_all(tmp_path):
    place = tmp_path / "reports" / "daily.html"
    assert files.write(place, "first").read_text() == "first"
    files.write(place, "second")
    assert [path.name for path in place.parent.iterdir()] == ["daily.html"]
    with pytest.raises(UnavailableError, match="cannot write"):
        files.write(place / "below-a-file.html", "x")
    with pytest.raises(UnicodeEncodeError):
        files.write(place, "half \ud800")
    assert place.read_text() == "second"
    assert len(list(place.parent.iterdir())) == 1
