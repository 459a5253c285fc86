from pathlib import Path

import pytest

from agent import locale
from agent.locale import workshop

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("language", locale.LANGUAGES)
def test_the_compiled_catalogue_is_what_its_sources_say(language):
    directory = ROOT / "agent" / "locale" / language
    compiled = workshop.to_mo(workshop.read(directory), language)
    assert (directory / "netcase.mo").read_bytes() == compiled, "run: python -m agent.locale compile"


def test_chinese_says_everything_that_the_code_and_the_templates_say():
    assert workshop.untranslated(ROOT) == {}, "run: python -m agent.locale check"


def test_a_translation_has_the_places_of_its_original():
    from agent.locale.saying import _PLACE

    for text, said in workshop.read(ROOT / "agent" / "locale" / "zh_CN").items():
        original = {place.group(1) for place in _PLACE.finditer(text)}  # of the plural, too
        assert {place.group(1) for place in _PLACE.finditer(said)} == original, text


def test_two_files_that_word_one_text_differently_are_refused(tmp_path):
    header = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n\n'
    for name, said in (("a", "甲"), ("b", "乙")):
        (tmp_path / f"{name}.po").write_text(f'{header}msgid "text"\nmsgstr "{said}"\n', encoding="utf-8")
    with pytest.raises(ValueError, match="worded differently"):
        workshop.read(tmp_path)


def test_a_text_in_code_or_template_is_found(tmp_path):
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "page.html.j2").write_text("<p>{{ _('In a page') }}</p>")
    (tmp_path / "reports" / "part.py").write_text("from x import N_\nTITLE = N_('In code')\n")
    assert workshop.used(tmp_path) == {"In a page": ["reports/page.html.j2"], "In code": ["reports/part.py"]}
