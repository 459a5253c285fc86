"""Rules as files: what is shipped, and what an operator lays over it, with every mistake told by its line."""

from collections.abc import Mapping
from functools import cache, partial
from importlib.resources import files

from pydantic import ValidationError
from pydantic_core import PydanticCustomError

from agent.faults.fault import FaultKind
from agent.faults.rules.book import CONDITIONS, Book, Entry, Match, Written, made
from agent.inventory import fields
from agent.inventory.lines import Items, Map, compose, line_of
from agent.inventory.problems import Path, Problems
from agent.inventory.wording import explain


@cache
def shipped() -> Book:
    """agent/faults/rulebook/*.yaml, in the order of their names."""
    entries: dict[str, Entry] = {}
    folder = files("agent.faults").joinpath("rulebook")
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        if file.name.endswith(".yaml"):
            entries |= _entries(file.read_text("utf-8"), file.name, {}, "shipped")
    return Book(entries)


def parse(text: str, file: str, base: Book | None = None) -> Book:
    """An operator's file laid over `base` (what is shipped).

    A rule that is there already gets the keys that are written; another one must say `test` and `kind`.
    Raises InventoryError with every problem.
    """
    under = (base or shipped()).entries
    return Book({**under, **_entries(text, file, under, file)})


_in_force: list[Book] = []


def use(book: Book) -> None:
    """From now on these are the rules in force in this process."""
    _in_force[:] = [book]


def in_force() -> Book:
    return _in_force[0] if _in_force else shipped()


# ---------------------------------------------------------------- one file


def _entries(text: str, file: str, under: Mapping[str, Entry], origin: str) -> dict[str, Entry]:
    problems = Problems(file)
    root = compose(text, problems)
    problems.locate = partial(line_of, root)
    found: dict[str, Entry] = {}
    if isinstance(root, Map):
        for name, raw in root.items():
            entry = _entry(name, raw, under, origin, problems)
            if entry is not None:
                found[name] = entry
    elif root is not None:
        problems.add((), "is not a map of rules", "Begin with a rule's name: cpu_high: {raise_at: 95}")
    problems.raise_any()
    return found


def _entry(name: str, raw: object, under: Mapping[str, Entry], origin: str, problems: Problems) -> Entry | None:
    if not isinstance(raw, Map):
        problems.add((name,), "must be a map of keys and values", "Write key: value, one a line, indented below it")
        return None
    known = under.get(name)
    if (known is None or "test" in raw) and not _says_what_it_is(name, raw, under, problems):
        return None
    before = known or Entry({})
    written: dict[str, object] = {**before.written, **{k: v for k, v in raw.items() if k not in _ASIDE}}
    if not _valid(name, written, (name,), problems):
        return None
    overrides = (*before.overrides, *_overrides(name, raw, written, problems))
    return Entry(written, overrides, (*before.origins, origin) if known else (origin,))


def _says_what_it_is(name: str, raw: Map, under: Mapping[str, Entry], problems: Problems) -> bool:
    test = raw.get("test")
    if name not in under and test is None:
        advice = f"Name one that is there, or write test: ({', '.join(CONDITIONS)}) and kind: for one of your own"
        problems.add((name,), "there is no such rule", advice, options=list(under) or None, wrote=name)
        return False
    if not isinstance(test, str) or test not in CONDITIONS:
        problems.add((name, "test"), "is no condition", options=list(CONDITIONS), wrote=str(test))
        return False
    if name in under:
        return True
    try:
        fields.name(name)  # it becomes a part of subjects, and stands in tables
    except PydanticCustomError as error:
        context = error.context or {}
        problems.add((name,), str(context.get("message")), str(context.get("advice")))
        return False
    if "kind" not in raw and name not in set(FaultKind):
        problems.add((name, "kind"), "is missing", "Write the kind of fault that comes of it, such as syslog_pattern")
        return False
    return True


def _valid(name: str, written: Written, at: Path, problems: Problems) -> bool:
    try:
        made(name, written)
    except ValidationError as error:
        explain(error, CONDITIONS[str(written["test"])], at, problems)
        return False
    return True


def _overrides(name: str, raw: Map, written: Written, problems: Problems) -> list[tuple[Match, Written]]:
    found: list[tuple[Match, Written]] = []
    each = raw.get("overrides")
    if each is not None and not isinstance(each, Items):
        problems.add((name, "overrides"), "must be a list", "Begin each with a dash: - {match: {role: access}, …}")
        return found
    for index, override in enumerate(each or ()):
        at: Path = (name, "overrides", index)
        if not isinstance(override, Map) or not isinstance(override.get("match"), Map) or not override["match"]:
            problems.add(at, "must say for which devices", "Write match: {role: access} and the keys that change")
            continue
        changes = {key: value for key, value in override.items() if key != "match"}
        try:
            match = Match.model_validate(override["match"])
        except ValidationError as error:
            explain(error, Match, (*at, "match"), problems)
            continue
        if fixed := _FIXED & set(changes):
            problems.add((*at, min(fixed)), "cannot be another for some devices", "Write a rule of its own")
        elif _valid(name, {**written, **changes}, at, problems):
            found.append((match, changes))
    return found


_ASIDE = frozenset({"overrides", "examples"})  # what `netcase rules test` tries is nothing to the rule itself
_FIXED = frozenset({"test", "kind", "tier", "of", "name", "inventory"})
