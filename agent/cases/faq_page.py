"""An FAQ entry as a person writes it: Markdown with a title and the five headings, in English or in Chinese."""

import re

from agent.cases.faq import Written
from agent.errors import RefusedError

HEADINGS = {
    "en": {"symptom": "Symptom", "cause": "Cause", "fix": "Fix", "prevention": "Prevention"},
    "zh_CN": {"symptom": "现象", "cause": "原因", "fix": "处理", "prevention": "预防"},
}
HINTS = {
    "en": ("Title in one line", "What was seen.", "Why it was so.", "What helped, step by step.", "How it is avoided."),
    "zh_CN": ("一行标题", "看到了什么。", "为什么会这样。", "怎样处理好的，逐步写出。", "以后怎样避免。"),
}
_PARTS = {
    **{said.casefold(): part for words in HEADINGS.values() for part, said in words.items()},
    "故障现象": "symptom",
    "故障原因": "cause",
    "根因": "cause",
    "处理方法": "fix",
    "处理过程": "fix",
    "解决方法": "fix",
    "解决办法": "fix",
    "预防措施": "prevention",
    "solution": "fix",
    "symptoms": "symptom",
}
_HAN = re.compile("[㐀-鿿]")


def template(language: str, title: str = "", symptom: str = "") -> str:
    """A page to fill in."""
    hints, words = HINTS[language], HEADINGS[language]
    lines = [f"# {title or hints[0]}", ""]
    for part, hint in zip(words, hints[1:], strict=True):
        given = symptom if part == "symptom" and symptom else f"<!-- {hint} -->"
        lines += [f"## {words[part]}", "", given, ""]
    return "\n".join(lines)


def page(written: Written) -> str:
    """The inverse of `read`."""
    words = HEADINGS[written.language]
    parts = [f"## {said}\n\n{getattr(written, part)}\n" for part, said in words.items()]
    return "\n".join([f"# {written.title}\n", *parts])


def read(text: str, language: str = "") -> Written:
    """`language` empty: told by the text. Raises RefusedError for a heading that no entry has."""
    found: dict[str, list[str]] = {part: [] for part in HEADINGS["en"]}
    title, here, fenced = "", "", False
    for raw in re.sub(r"<!--.*?-->", "", text.removeprefix("\ufeff"), flags=re.DOTALL).splitlines():
        fenced ^= raw.lstrip().startswith("```")
        heading = None if fenced else re.fullmatch(r"(#{1,2})\s+(.*?)\s*#*", raw)
        if heading and heading[1] == "#" and not title:
            title = heading[2]
        elif heading and heading[1] == "##":
            here = _part(heading[2])
        elif here:
            found[here].append(raw)
        elif raw.strip():
            raise RefusedError(
                f"{raw.strip()[:60]!r} stands before the first heading: begin with `# Title`, `## Symptom`"
            )
    parts = {part: "\n".join(lines).strip() for part, lines in found.items()}
    told = language or ("zh_CN" if _HAN.search(title + parts["symptom"]) else "en")
    return Written(title=title, language=told, **parts)


def _part(heading: str) -> str:
    part = _PARTS.get(heading.strip().rstrip(":：").casefold())
    if part is None:
        known = ", ".join(f"## {said}" for words in HEADINGS.values() for said in words.values())
        raise RefusedError(f"`## {heading[:60]}` is no part of an entry: write one of {known}")
    return part
