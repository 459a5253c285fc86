"""What a mail says about itself in words that are plain enough to go by: how severe, which contract, which device."""

import re
from dataclasses import dataclass

from agent.cases import contract
from agent.cases.case import Severity
from agent.inventory.inventory import Inventory

LOOKED_AT = 4_000  # characters of the text
LABELS = 5  # of devices that are looked up
_LABEL = r"(?:^|[\s,;，；。(（\[【])"
_IN_SUBJECT = re.compile(r"(?<![A-Za-z0-9])P([1-4])(?![A-Za-z0-9])", re.IGNORECASE)
_SEVERITY = re.compile(
    _LABEL + r"(?:severity|priority|故障级别|紧急程度|严重程度|优先级|级别)\s*[:：=]\s*(?:P|级别)?\s*([1-4])(?![0-9])",
    re.IGNORECASE,
)
_CONTRACT = re.compile(
    _LABEL + r"(?:contract|合同)\s*(?:number|no\.?|编号|号)?\s*[:：=#]\s*([A-Za-z0-9][A-Za-z0-9._/-]{1,60})",
    re.IGNORECASE,
)
_SERIAL = re.compile(
    _LABEL + r"(?:serial(?:\s+(?:number|no\.?))?|s/n|sn|产品序列号|设备序列号|序列号)\s*[:：=#]\s*([A-Za-z0-9-]{4,40})",
    re.IGNORECASE,
)
_DEVICE = re.compile(
    _LABEL + r"(?:device|host(?:name)?|设备名称|设备名|设备|主机名)\s*[:：=]\s*([^\s,;，；。]{1,64})", re.IGNORECASE
)
_TOKEN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,63}")
_REPLY = re.compile(r"\s*(?:re|aw|fw|fwd|wg|回复|答复|转发|回覆|轉寄)\s*(?:\[\d+\])?\s*[:：]", re.IGNORECASE)
_TAG = re.compile(r"\[?\bNC-(\d{1,9})\b\]?", re.IGNORECASE)
_HAN = re.compile(r"[\u4e00-\u9fff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """Empty where nothing of the kind was said. `contract` and `serial` may be none that we know."""

    severity: Severity | None = None
    contract: str = ""
    serial: str = ""
    device: str = ""


def said(subject: str, text: str, inventory: Inventory) -> Said:
    whole = f"{subject}\n{text[:LOOKED_AT]}"
    level = _IN_SUBJECT.search(subject) or _SEVERITY.search(whole)
    contract, serial = _CONTRACT.search(whole), _SERIAL.search(whole)
    tokens = [token.rstrip(".-_") for token in _TOKEN.findall(whole)]
    return Said(
        severity=Severity(f"P{level[1]}") if level else None,
        contract=_canonical(contract[1].rstrip("./-"), inventory) if contract else _named_contract(tokens, inventory),
        serial=serial[1].strip("-") if serial else "",
        device=_device(whole, tokens, inventory),
    )


def _canonical(number: str, inventory: Inventory) -> str:
    """As the inventory writes it, where it has it."""
    return next((known for known in inventory.contracts if known.lower() == number.lower()), number)


def _named_contract(tokens: list[str], inventory: Inventory) -> str:
    """A number that we know and that stands somewhere in the text, if it is the only one."""
    wanted = {token.lower() for token in tokens}
    found = [number for number in inventory.contracts if number.lower() in wanted and _is_telling(number)]
    return found[0] if len(found) == 1 else ""


def _device(whole: str, tokens: list[str], inventory: Inventory) -> str:
    """The one that is named after a label, by name or address as in every other way to open a case; else the only one
    of ours that the text names."""
    known = {name.lower(): name for name in inventory.devices}
    for found in _DEVICE.findall(whole)[:LABELS]:
        if device := contract.find_device(found, inventory) or contract.find_device(found.rstrip(".)）】]"), inventory):
            return device.name
    named = {known[token.lower()] for token in tokens if token.lower() in known and _is_telling(token)}
    return named.pop() if len(named) == 1 else ""


def _is_telling(name: str) -> bool:
    """`core` and `edge` are words of the language, `core-1` is a name."""
    return len(name) > 2 and any(c.isdigit() or c in "-_." for c in name)


def tags(subject: str) -> tuple[int, ...]:
    """The numbers of the cases that a subject names, in order."""
    return tuple(dict.fromkeys(int(found) for found in _TAG.findall(subject) if int(found)))


def title(subject: str) -> str:
    """The subject without what programs put before it, and without our tag."""
    text = _TAG.sub(" ", subject)
    while found := _REPLY.match(text):
        text = text[found.end() :]
    return " ".join(text.split())


def language(subject: str, text: str) -> str:
    """Chinese where any stands in it: an English mail has none."""
    return "zh_CN" if _HAN.search(f"{subject} {text[:LOOKED_AT]}") else "en"
