"""Numbers, percentages, durations and times as people of a language write them."""

from datetime import date, datetime, timedelta
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

from agent.locale.catalogue import match

_UNITS = (("d", "天", 86400), ("h", "小时", 3600), ("min", "分钟", 60), ("s", "秒", 1))
_MONTHS: tuple[str, ...] = ("January", "February", "March", "April", "May", "June")
_MONTHS += ("July", "August", "September", "October", "November", "December")
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_WEEKDAYS_ZH = "一二三四五六日"
_PREFIXES = ("", "k", "M", "G", "T", "P")


def _chinese(language: str) -> bool:
    return match(language) == "zh_CN"


def duration(length: timedelta, language: str) -> str:
    """The two largest units: "2 h 5 min", "2 小时 5 分钟". What follows them is cut, not rounded."""
    seconds = round(abs(length).total_seconds())
    sign = "-" if length < timedelta(0) and seconds else ""
    first = next((place for place, unit in enumerate(_UNITS) if seconds >= unit[2]), len(_UNITS) - 1)
    parts: list[str] = []
    for english, chinese, size in _UNITS[first : first + 2]:
        count, seconds = divmod(seconds, size)
        if count or not parts:
            parts.append(f"{count} {chinese if _chinese(language) else english}")
    return sign + " ".join(parts)


def number(value: float, digits: int | None = None) -> str:
    """Thousands apart. `digits` None: whole numbers as they are, others with up to two decimals."""
    if digits is None:
        text = f"{value:,.2f}" if isinstance(value, float) else f"{value:,}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return f"{round(value, digits) + 0.0:,.{digits}f}"  # + 0.0: no minus before nothing


def percent(value: float, language: str, digits: int = 2) -> str:
    """Of percent, not of one: 99.95. Cut, so that 99.999 with two digits never claims to be 100."""
    cut = Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-digits), rounding=ROUND_FLOOR)
    return f"{cut}%" if _chinese(language) else f"{cut} %"


def quantity(value: float, unit: str) -> str:
    """With the decimal prefix that leaves one to three places before the point: 2 500 000 "bit/s" is "2.5 Mbit/s"."""
    place, size = 0, abs(float(value))
    while size >= 1000 and place < len(_PREFIXES) - 1:
        place, size = place + 1, size / 1000
    shown = Decimal(repr(value / 1000**place)).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)
    return f"{str(shown).removesuffix('.0')} {_PREFIXES[place]}{unit}"


def moment(at: datetime, language: str, timezone: str = "UTC", *, year: bool = True) -> str:
    """To the minute, on the clock of `timezone`: "2026-11-21 07:30"; without the year "21 Nov 07:30"."""
    local = at.astimezone(ZoneInfo(timezone))
    if year:
        return f"{local:%Y-%m-%d %H:%M}"
    if _chinese(language):
        return f"{local.month}月{local.day}日 {local:%H:%M}"
    return f"{local.day} {_MONTHS[local.month - 1][:3]} {local:%H:%M}"


def clock(at: datetime, timezone: str = "UTC") -> str:
    return f"{at.astimezone(ZoneInfo(timezone)):%H:%M}"


def day(of: date, language: str) -> str:
    """ "Saturday, 21 November 2026", "2026年11月21日 星期六"."""
    if _chinese(language):
        return f"{of.year}年{of.month}月{of.day}日 星期{_WEEKDAYS_ZH[of.weekday()]}"
    return f"{_WEEKDAYS[of.weekday()]}, {of.day} {_MONTHS[of.month - 1]} {of.year}"
