"""FAQ entries, and the search through them and through past cases."""

from sqlalchemy import DDL, Column, ForeignKey, Index, Integer, Table, event

from agent.cases.faq import FaqState
from agent.cases.similar import Sort
from agent.storage.columns import Json, Serial, Time, Word, Words
from agent.storage.metadata import metadata

faqs = Table(
    "faqs",
    metadata,
    Column("number", Serial, primary_key=True, autoincrement=True),
    Column("kind", Words, nullable=False),
    Column("vendor", Words, nullable=False),
    Column("platform", Words, nullable=False),
    Column("family", Words, nullable=False),
    Column("component", Words, nullable=False),
    Column("mnemonic", Words, nullable=False),
    Column("title", Words, nullable=False),
    Column("symptom", Words, nullable=False),
    Column("cause", Words, nullable=False),
    Column("fix", Words, nullable=False),
    Column("prevention", Words, nullable=False),
    Column("language", Words, nullable=False),
    Column("author", Words, nullable=False),
    Column("at", Time, nullable=False),
    Column("changed", Time, nullable=False),
    Column("changed_by", Words, nullable=False),
    Column("state", Word(FaqState), nullable=False),
    Column("source", Integer, nullable=False),  # a case's number; 0: none
    Column("revision", Integer, nullable=False),
    sqlite_autoincrement=True,
)

faq_revisions = Table(
    "faq_revisions",
    metadata,
    Column("faq", ForeignKey("faqs.number"), primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("at", Time, nullable=False),
    Column("actor", Words, nullable=False),
    Column("note", Words, nullable=False),
    Column("state", Word(FaqState), nullable=False),
    Column("body", Json, nullable=False),
)

faq_uses = Table(
    "faq_uses",
    metadata,
    Column("faq", ForeignKey("faqs.number"), primary_key=True),
    Column("case_number", ForeignKey("cases.number"), primary_key=True),
    Column("shown", Time, nullable=False),
    Column("helped", Time),
    Column("helper", Words, nullable=False),
    Index(None, "case_number"),
)

SPLIT = "array_to_tsvector(string_to_array(words, ' '))"  # one lexeme a word, as it stands: no parser of PostgreSQL's

texts = Table(
    "texts",
    metadata,
    Column("id", Serial, primary_key=True),  # twice the number, and one more for an FAQ entry
    Column("sort", Word(Sort), nullable=False),
    Column("number", Integer, nullable=False),
    Column("kind", Words, nullable=False),
    Column("vendor", Words, nullable=False),
    Column("platform", Words, nullable=False),
    Column("family", Words, nullable=False),
    Column("component", Words, nullable=False),
    Column("mnemonic", Words, nullable=False),
    Column("title", Words, nullable=False),
    Column("answer", Words, nullable=False),
    Column("state", Words, nullable=False),
    Column("at", Time, nullable=False),
    Column("lines", Integer, nullable=False),  # of the timeline that the words were taken from
    Column("words", Words, nullable=False),  # with blanks between them
    Index(None, "sort", "kind", "platform", "at"),
    Index(None, "sort", "kind", "at"),
)

# SQLite's FTS5: an index beside the table, kept by whoever writes there; a word is what stands between blanks
FTS5 = (
    "CREATE VIRTUAL TABLE texts_by_word USING fts5(words, content='texts', content_rowid='id', detail='none', "
    "tokenize=\"ascii tokenchars '-_./:'\")"
)
GIN = f"CREATE INDEX texts_by_word ON texts USING gin ({SPLIT})"
event.listen(texts, "after_create", DDL(GIN).execute_if(dialect="postgresql"))  # type: ignore[no-untyped-call]
event.listen(texts, "after_create", DDL(FTS5).execute_if(dialect="sqlite"))  # type: ignore[no-untyped-call]
event.listen(texts, "before_drop", DDL("DROP TABLE IF EXISTS texts_by_word").execute_if(dialect="sqlite"))  # type: ignore[no-untyped-call]
