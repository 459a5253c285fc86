"""What a person wrote in a mail, without the mail that it answers and without the signature below it."""

import re

LONGEST_LINE = 2_000
_ATTRIBUTION = re.compile(
    r"(on\b.{0,200}\bwrote|am\b.{0,200}\bschrieb.{0,80}|le\b.{0,200}\ba écrit|在.{0,200}写道|"
    r".{0,120}(于|在).{0,80}写道|.{0,120}@.{0,80}(写道|wrote))\s*[:：]\s*",
    re.IGNORECASE,
)
_DIVIDER = re.compile(
    r"[-_=\s]{0,40}(original message|original-nachricht|forwarded message|原始邮件|转发的邮件|转发邮件信息|原邮件|"
    r"ursprüngliche nachricht)[-_=\s]{0,40}",
    re.IGNORECASE,
)
_HEAD = re.compile(r"\*?(from|von|de|发件人|寄件者|寄件人)\*?\s*[:：]\s?\S.{0,300}", re.IGNORECASE)
_HEAD_MORE = re.compile(
    r"\*?(sent|date|to|subject|gesendet|发送时间|发送日期|日期|时间|收件人|主题|抄送)\*?\s*[:：]", re.IGNORECASE
)
_RULE = re.compile(r"_{20,}|-{30,}")
_SIGNATURE = re.compile(r"--\s?")
_SENT_FROM = re.compile(r"(sent from my |发自我的|从我的.{0,20}发送|来自我的|get outlook for )", re.IGNORECASE)


def own_words(text: str) -> str:
    """The text above what is quoted; all of it where that would leave nothing.

    Goes by lines, each looked at once and only as far as LONGEST_LINE, so that no text can make it slow.
    """
    lines = [line.rstrip() for line in text.split("\n")]
    kept = lines[: _end(lines)]
    while kept and (not kept[-1].strip() or kept[-1].lstrip().startswith(">")):
        kept.pop()
    written = "\n".join(line for line in _without_quotes(kept)).strip()
    return written or "\n".join(lines).strip()


def _end(lines: list[str]) -> int:
    """The number of lines before the mail that is answered, or the signature."""
    for place, whole in enumerate(lines):
        line = whole[:LONGEST_LINE].strip()
        if not line:
            continue
        if _DIVIDER.fullmatch(line) or _SIGNATURE.fullmatch(whole) or _SENT_FROM.match(line):
            return place
        if _ATTRIBUTION.fullmatch(line) or _broken_attribution(line, lines, place):
            return place
        if _HEAD.fullmatch(line) and _is_head(lines, place):
            return place - 1 if place and _RULE.fullmatch(lines[place - 1][:LONGEST_LINE].strip()) else place
    return len(lines)


def _broken_attribution(line: str, lines: list[str], place: int) -> bool:
    """`On … Zhang Wei <zhang@…>` and `wrote:` on the next line, as many programs break it."""
    if not line.lower().startswith(("on ", "在", "am ", "le ")) or place + 1 >= len(lines) or len(line) > 200:
        return False
    return _ATTRIBUTION.fullmatch(f"{line} {lines[place + 1][:200].strip()}") is not None


def _is_head(lines: list[str], place: int) -> bool:
    """`From: …` begins a quoted header only where more of one follows."""
    after = [line[:LONGEST_LINE].strip() for line in lines[place + 1 : place + 5]]
    return sum(_HEAD_MORE.match(line) is not None for line in after) >= 2


def _without_quotes(lines: list[str]) -> list[str]:
    """Quoted lines in between stay: they say what the answer below them is about. Long blocks of them are cut."""
    kept: list[str] = []
    quoted = 0
    for line in lines:
        quoted = quoted + 1 if line.lstrip().startswith(">") else 0
        if quoted <= 6:
            kept.append(line)
        elif quoted == 7:
            kept.append("> …")
    return kept
