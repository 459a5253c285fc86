"""The words of every language that people read here, from gettext catalogues.

Texts are written in English in the code and serve as msgids: `_ = locale.words(language)`, then `_("Open cases")`.
A text with values in it has named places, worded by kind: `locale.say("{n} devices down for {time:duration}", language,
n=3, time=timedelta(hours=2))`; the kinds are listed at `say`. A text that is only marked where it stands, and worded
later, is written `N_("…")`. A code of ours (an enum's value) is worded by `locale.word("cpu_high", language)`.

Adding words: write msgid and msgstr into `agent/locale/zh_CN/<area>.po` (one file an area: glossary, reports,
inspection, notifications, web, cli; a msgid stands in one of them), codes into `en/glossary.po` and
`zh_CN/glossary.po` under `msgctxt "word"`. Then run `python -m agent.locale compile` and commit the `.po` and the
`.mo` files together. `python -m agent.locale check` prints what the code and the templates say and Chinese does not,
ready to paste. Both need Babel, a development tool; at run time the standard library reads the `.mo` files.
"""

from agent.locale.catalogue import LANGUAGES, N_, match, plurals, word, words
from agent.locale.figures import clock, day, duration, moment, number, percent, quantity
from agent.locale.saying import Plain, Text, say
from agent.locale.sentences import reword

__all__ = [
    "LANGUAGES",
    "N_",
    "Plain",
    "Text",
    "clock",
    "day",
    "duration",
    "match",
    "moment",
    "number",
    "percent",
    "plurals",
    "quantity",
    "reword",
    "say",
    "word",
    "words",
]
