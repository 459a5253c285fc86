import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.locale import Text
from reports import document as documents
from reports.document import Column, Document, Figure, Item, Kind, Row, Section, Spark, Strip, Table, Tone
from reports.render import json as json_form

words = st.text(max_size=8)
numbers = st.integers(-(2**40), 2**40) | st.floats(allow_nan=False, allow_infinity=False)
texts = st.builds(Text, words, st.dictionaries(words, words | numbers, max_size=2))
points = st.lists(st.none() | numbers, max_size=4).map(tuple)
cells = st.one_of(
    st.none(),
    words,
    numbers,
    texts,
    st.builds(Spark, points, st.none() | numbers, st.none() | numbers, st.none() | numbers),
    st.builds(Strip, st.lists(st.tuples(st.sampled_from(["up", "down"]), numbers), max_size=3).map(tuple)),
)
kinds, tones = st.sampled_from(Kind), st.sampled_from(Tone)
tables = st.builds(
    Table,
    key=words,
    title=words,
    columns=st.lists(st.builds(Column, words, words, kinds, words), max_size=3).map(tuple),
    rows=st.lists(st.builds(Row, st.lists(cells, max_size=3).map(tuple), tones), max_size=3).map(tuple),
    empty=texts,
    left_out=st.integers(0, 9),
)
items = st.builds(Item, what=texts, why=texts, tone=tones, label=words, refers=words)
sections = st.builds(
    Section,
    key=words,
    title=words,
    intro=texts,
    items=st.lists(items, max_size=2).map(tuple),
    tables=st.lists(tables, max_size=2).map(tuple),
    empty=texts,
)
figures = st.builds(Figure, key=words, label=words, value=cells, kind=kinds, of=cells, note=texts, tone=tones)
whole = st.builds(
    Document,
    kind=words,
    title=words,
    subtitle=texts,
    start=words,
    end=words,
    made=words,
    headline=st.lists(figures, max_size=2).map(tuple),
    sections=st.lists(sections, max_size=2).map(tuple),
    notes=st.lists(texts, max_size=2).map(tuple),
)


@given(whole)
def test_a_document_comes_back_from_json_as_it_went(document):
    assert documents.from_json(json.loads(json.dumps(documents.to_json(document)))) == document


@given(whole, st.sampled_from(["en", "zh_CN"]))
def test_what_programs_read_can_be_read_back_too(document, language):
    assert documents.from_json(json.loads(json_form.render(document, language))) == document


@pytest.mark.parametrize("body", [{}, {"kind": "daily"}, {"kind": 1, "headline": 3}])
def test_what_is_no_document_is_refused(body):
    with pytest.raises((KeyError, TypeError, ValueError)):
        documents.from_json(body)


def test_json_says_every_text_in_the_language_that_was_asked_for():
    document = Document(kind="daily", title="Cases", start="", end="", made="", notes=(Text("Cases"),))
    assert json.loads(json_form.render(document, "zh_CN"))["notes"] == [{"text": "Cases", "values": {}, "said": "工单"}]
