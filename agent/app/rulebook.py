"""What people ask of rules: which values hold for a device and who said so, and whether a file of rules does what it
is meant to."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from agent.faults import rules
from agent.faults.rules import Book, Rule, Scene
from agent.faults.rules.events import Events
from agent.inventory.device import Device, Role
from agent.inventory.inventory import Inventory
from agent.inventory.lines import Items, Map, compose, line_of
from agent.inventory.problems import Problems
from agent.observation import Batch, Event, Fact, Observation, Source, Subject, SyslogSeverity, Tier

SECOND = timedelta(seconds=1)
_AT = datetime(2026, 1, 1, tzinfo=UTC)
_WITHOUT = frozenset({"test", "kind", "what", "tier", "of", "inventory"})  # what a rule is, not what it is set to
_DEFAULTS = ("believe", "over", "severity", "case", "enabled")


# ---------------------------------------------------------------- what holds, and who said so


@dataclass(frozen=True, slots=True)
class Setting:
    rule: str
    key: str
    value: object
    origin: str  # shipped, default, a file, `override N of RULE`, inventory, policies.confirmation


def settings(book: Book, inventory: Inventory, device: Device | None) -> Iterator[Setting]:
    """Of every rule; for a device, or as they are without one."""
    for name, entry in book.entries.items():
        shipped = rules.shipped().entries.get(name)
        found: dict[str, tuple[object, str]] = {}
        plain = book.plain[name]
        for key in _DEFAULTS:
            found[key] = (_plain(getattr(plain, key)), "default")
        for key, value in entry.written.items():
            same = shipped is not None and shipped.written.get(key) == value
            found[key] = (_plain(value), "shipped" if same else entry.origins[-1])
        if device is not None:
            found |= dict(_of_device(book, inventory, name, device))
        for key, (value, origin) in found.items():
            if key not in _WITHOUT:
                yield Setting(name, key, value, origin)


def _of_device(book: Book, inventory: Inventory, name: str, device: Device) -> Iterator[tuple[str, tuple[object, str]]]:
    for number, (match, changes) in enumerate(book.entries[name].overrides, 1):
        if match.meets(device):
            yield from ((key, (_plain(value), f"override {number} of {name}")) for key, value in changes.items())
    for key, word in book.plain[name].inventory.items():
        value = getattr(device.thresholds, word)
        if value is not None:
            yield key, (value, f"inventory: thresholds.{word}")
    policy = inventory.policies.confirmation.get(book.plain[name].kind)
    if policy is not None:
        said = {"polls": policy.count, "of": policy.of or policy.count, "hold": f"{policy.hold.total_seconds():g}s"}
        yield "believe", (said, "inventory: policies.confirmation")


def _plain(value: Any) -> object:
    if not hasattr(value, "model_dump"):
        return value
    told = {key: item for key, item in value.model_dump(exclude_none=True).items() if item}
    return {key: f"{item / SECOND:g}s" if isinstance(item, timedelta) else item for key, item in told.items()}


# ---------------------------------------------------------------- whether a file does what it is meant to


@dataclass(frozen=True, slots=True)
class Finding:
    line: int
    rule: str
    problem: str
    advice: str = ""


def findings(text: str, file: str, inventory: Inventory | None) -> tuple[Book, list[Finding], int]:
    """The book, what is odd in the file, and how many examples were tried. Raises InventoryError for what is wrong."""
    book = rules.parse(text, file)
    root = compose(text, Problems(file))
    found: list[Finding] = []
    tried = 0
    for name, raw in root.items() if isinstance(root, Map) else ():
        if isinstance(raw, Map):
            found += _idle_overrides(root, name, raw, book, inventory)
            for index, example in enumerate(_listed(raw.get("examples"))):
                tried += 1
                problem = _tried(book.plain[name], example)
                if problem:
                    found.append(Finding(line_of(root, (name, "examples", index)), name, *problem))
    return book, sorted(found, key=lambda each: each.line), tried


def _listed(value: object) -> list[object]:
    return list(value) if isinstance(value, Items) else [] if value is None else [value]


def _idle_overrides(root: object, name: str, raw: Map, book: Book, inventory: Inventory | None) -> Iterator[Finding]:
    written = _listed(raw.get("overrides"))
    mine = book.entries[name].overrides[-len(written) :] if written else ()
    for index, (match, _) in enumerate(mine):
        if inventory and not any(match.meets(device) for device in inventory.devices.values()):
            said = ", ".join(f"{key} {' '.join(value)}" for key, value in match.model_dump().items() if value)
            advice = "Write names that stand in the inventory, or leave it out"
            yield Finding(line_of(root, (name, "overrides", index)), name, f"no device meets {said}", advice)


_WORDS = {"bad": True, "good": False, "nothing": None}
_KEYS = ("facts", "before", "detail", "limit", "role", "text", "severity", "mnemonic", "event", "verdict")


def _tried(rule: Rule, example: object) -> tuple[str, str] | None:
    """What is wrong with an example, and what to write instead; None where the rule judges as it says."""
    if not isinstance(example, Map):
        return "an example is not a map", "Write {facts: {usage_pct: 95}, verdict: bad}"
    strange = [key for key in example if key not in _KEYS]
    if strange:
        return f"an example knows no {strange[0]}", f"Write one of {', '.join(_KEYS)}"
    if str(example.get("verdict")) not in _WORDS:
        return "an example does not say what to expect", f"Write verdict: {', '.join(_WORDS)}"
    try:
        said = _judged(rule, example)
    except (ValueError, TypeError, OverflowError) as error:
        return f"an example cannot be tried: {error}", ""
    wanted = _WORDS[str(example["verdict"])]
    if said is wanted:
        return None
    told = next(word for word, value in _WORDS.items() if value is said)
    return f"an example expects {example['verdict']}, the rule says {told}", "Mend the rule or the example"


def _judged(rule: Rule, example: Mapping[str, object]) -> bool | None:
    device = Device(
        name="example", address="192.0.2.1", customer="", site="", role=Role(str(example.get("role", "other")))
    )
    if isinstance(rule, Events):
        event = Event(
            device.name, device.address, Source.SYSLOG, _AT,
            SyslogSeverity(str(example.get("severity", "error"))), str(example.get("text", "")),
            mnemonic=str(example.get("mnemonic", "")), name=str(example.get("event", "")),
        )  # fmt: skip
        return True if rule.meets(event) else None
    subject = Subject(device.name, rule.of, "1" if rule.of != "device" else "")
    batch = _batch(rule, subject, example, "facts", _AT)
    before = _batch(rule, subject, example, "before", _AT - timedelta(minutes=5)) if "before" in example else None
    scene = Scene(device=device, batch=batch, previous=before, linked=frozenset({subject.name}))
    found = [judgement.bad for judgement in rule.judge(scene) if judgement.subject == subject]
    return found[0] if found else None


def _batch(rule: Rule, subject: Subject, example: Mapping[str, object], key: str, at: datetime) -> Batch:
    facts = example.get(key)
    if not isinstance(facts, Map):
        raise ValueError(f"{key} must be a map of facts and values")  # noqa: TRY004
    limit = example.get("limit")
    told = tuple(
        Observation(
            subject,
            Fact(fact),
            _value(value),
            str(example.get("detail", "")),
            float(str(limit)) if limit is not None else None,
        )
        for fact, value in facts.items()
    )
    return Batch(subject.device, rule.tier or Tier.STATUS, at, told, frozenset({subject.kind}))


def _value(written: object) -> bool | float | str:
    text = str(written)
    if text in ("true", "false"):
        return text == "true"
    try:
        return float(text)
    except ValueError:
        return text
