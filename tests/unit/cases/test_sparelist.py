"""Lists of spare parts as people and spreadsheets write them, hostile ones too."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.cases import sparelist, spares
from agent.cases.sparelist import Read
from agent.cases.spares import Spare, SpareState
from agent.errors import RefusedError
from agent.inventory.vendors import Minimum
from tests.story import START

SITES, VENDORS = {"beijing", "shanghai"}, {"acme"}


def read(text: str, stock: tuple[Spare, ...] = ()) -> Read:
    return sparelist.read(text, "s.csv", SITES, VENDORS, {each.serial: each for each in stock}, START)


def said(text: str, stock: tuple[Spare, ...] = ()) -> list[str]:
    return [str(problem) for problem in read(text, stock).problems]


def a_spare(serial: str, **more: object) -> Spare:
    return Spare(**{"serial": serial, "part": "P-1", "location": "beijing", "changed": START, **more})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        "part,serial,location\nP-1,s1,beijing\n",
        "\ufeff".removeprefix("\ufeff") + "Part Number;SN;Site\r\nP-1;S1;beijing\r\n",
        "序列号\t部件号\t位置\ns1\tP-1\tbeijing\n",
        'location,part,serial\n\n"beijing","P-1"," s1 "\n\n',
    ],
)
def test_columns_stand_in_any_order_with_any_separator(text: str) -> None:
    found = read(text)
    assert found.problems == ()
    assert found.spares == (a_spare("S1"),)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "s.csv: holds no spare part. Begin with the line part,serial,location,model,note"),
        (
            "part,serial\nP,S1\n",
            "s.csv:1: lacks the column location. Begin with the line part,serial,location,model,note",
        ),
        ("part,serial,location,pirce\n", "s.csv:1: unknown column 'pirce'."),
        ("part,serial,location,part\n", "s.csv:1: names the column part twice. Remove one of the two"),
        (
            "part,serial,location\nP,S1,bejing\n",
            "s.csv:2: location: 'bejing' is no location. Write one of headquarters, ",
        ),
        ("part,serial,location\nP,,beijing\n", "s.csv:2: serial: '' cannot be a serial number. Write 2 to 64 letters"),
        ("part,serial,location\nP,S1\n", "s.csv:2: has 2 cells, the first line names 3."),
        (
            "part,serial,location\nP,S1,beijing\nP,s1,beijing\n",
            "s.csv:3: serial: the serial number S1 stands in line 2 already.",
        ),
        ('part,serial,location\nP,"S1,beijing\n', "s.csv: is no CSV:"),
        ("part,serial,location\n=HYPERLINK(1),S1,beijing\n", "s.csv:2: part: '=HYPERLINK(1)' cannot be a part number."),
        ("part,serial,location\nP,../../etc,beijing\n", "s.csv:2: serial: '../../etc' cannot be a serial number."),
        ("part,serial,location\nP,S1,vendor:nobody\n", "s.csv:2: location: 'vendor:nobody' is no location."),
    ],
)
def test_a_bad_line_is_named_with_what_to_write_instead(text: str, problem: str) -> None:
    assert any(line.startswith(problem) for line in said(text)), said(text)


def test_every_bad_line_is_told_at_once_and_none_is_read() -> None:
    lines = said("part,serial,location\n" + "".join(f"P,S{n},nowhere\n" for n in range(50)))
    assert len(lines) == 50
    assert [line.split(":")[1] for line in lines] == [str(n) for n in range(2, 52)]


def test_what_is_promised_or_runs_in_a_device_is_not_put_on_a_shelf_by_a_list() -> None:
    taken = (a_spare("S1", state=SpareState.RESERVED, rma=3), a_spare("S2", state=SpareState.IN_USE, rma=4))
    assert said("part,serial,location\nP-1,S1,beijing\nP-1,S2,beijing\n", taken) == [
        "s.csv:2: serial: S1 is reserved at beijing by RMA-000003. Leave the line out",
        "s.csv:3: serial: S2 is in use at beijing by RMA-000004. Leave the line out",
    ]


def test_a_list_that_is_read_in_again_changes_only_what_is_another() -> None:
    stock = {each.serial: each for each in (a_spare("S1"), a_spare("S2"))}
    wanted = read("part,serial,location\nP-1,S1,beijing\nP-1,S2,shanghai\nP-1,S3,beijing\n", tuple(stock.values()))
    changed, new = sparelist.merged(wanted.spares, stock)
    assert ([spare.serial for spare in changed], new) == (["S2", "S3"], 1)


@pytest.mark.parametrize(
    ("raw", "text"),
    [("部件号".encode(), "部件号"), ("部件号".encode("gb18030"), "部件号"), (b"\xef\xbb\xbfpart", "part")],
)
def test_utf8_and_chinese_spreadsheets_are_read(raw: bytes, text: str) -> None:
    assert sparelist.decoded(raw, "s.csv") == (text, None)


@pytest.mark.parametrize("raw", [b"PK\x03\x04\0\0", b"\xff\xff\xff", b"x" * (sparelist.MOST_BYTES + 1)])
def test_what_is_no_text_is_refused_with_what_to_do(raw: bytes) -> None:
    _, problem = sparelist.decoded(raw, "s.csv")
    assert problem
    assert problem.advice


@given(st.text(max_size=400))
def test_any_text_is_read_or_refused_in_printable_words(text: str) -> None:
    found = read(text)
    assert found.spares or found.problems
    assert all(str(problem).isprintable() for problem in found.problems)


@given(st.lists(st.lists(st.text(max_size=30), min_size=3, max_size=3), max_size=8))
def test_whatever_stands_in_the_cells_each_serial_number_is_read_once(rows: list[list[str]]) -> None:
    import csv
    import io

    out = io.StringIO()
    csv.writer(out).writerows([["part", "serial", "location"], *rows])
    found = read(out.getvalue())
    assert len({spare.serial for spare in found.spares}) == len(found.spares)
    assert all(spare.location in {*SITES, "headquarters", "vendor:acme"} for spare in found.spares)


def test_what_runs_low_is_counted_where_there_is_none_at_all() -> None:
    stock = [a_spare("S1"), a_spare("S2", part="p-1", state=SpareState.RESERVED), a_spare("S3", part="FAN")]
    wanted = [Minimum(part="P-1", location="beijing", least=2), Minimum(part="PSU", location="headquarters", least=1)]
    counted = {(each.part, each.location): (each.in_stock, each.low) for each in spares.count(stock, wanted)}
    assert counted == {
        ("P-1", "beijing"): (1, True),
        ("FAN", "beijing"): (1, False),
        ("PSU", "headquarters"): (0, True),
    }


def test_a_part_that_is_promised_or_in_a_device_is_not_moved_by_hand() -> None:
    with pytest.raises(RefusedError, match="S1 is reserved for RMA-000003"):
        spares.moved(a_spare("S1", state=SpareState.RESERVED, rma=3), "shanghai", "", START)
    repaired = spares.moved(a_spare("S1", state=SpareState.RETURNED, rma=3), "headquarters", "repaired", START)
    assert (repaired.state, repaired.location, repaired.rma) == (SpareState.IN_STOCK, "headquarters", 0)
