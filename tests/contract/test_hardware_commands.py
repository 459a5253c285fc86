"""Vendors, RMAs, spare parts and bundles from the command line: what it says, and with which exit code it ends."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from agent import cli
from agent.observation import Batch, ComponentKind, Fact, Observation, Subject, Tier
from agent.storage.engine import open_store
from tests.story import START

INVENTORY = """
customers: {acme: {contacts: [{name: Zhang, email: zhang@acme.example}]}}
sites: {hq: {customer: acme, address: "1 Lane"}, branch: {customer: acme}}
contracts: {C-1: {customer: acme, starts: 2020-01-01, ends: 2099-12-31}}
devices: {sw1: {address: 192.0.2.1, site: branch, contract: C-1}}
vendors: {maker: {title: Maker TAC, severities: {P3: Sev C}, naming: "{reference}_{case}"}}
policies: {rma: {minimum_stock: [{part: PSU-1, at: branch, least: 2}]}}
"""
NUMBERS = "Write 1 to 64 letters, digits and . _ / # + ( ) - as printed on the part"
Netcase = Callable[..., tuple[int, str, str]]


@pytest.fixture
def netcase(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], fresh_url: str
) -> Netcase:
    """Runs a command on a new database of each kind; returns exit code, output, errors."""
    (tmp_path / "i.yaml").write_text(INVENTORY)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NETCASE_INVENTORY", str(tmp_path / "i.yaml"))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("LANG", "en")
    store = open_store(fresh_url)
    with store.begin() as tx:
        told = [
            Observation(Subject("sw1"), Fact.SERIAL, "BOX1"),
            Observation(Subject("sw1"), Fact.MODEL, "C9300"),
            Observation(Subject("sw1", ComponentKind.MODULE, "PSU B"), Fact.SERIAL, "BAD1"),
            Observation(Subject("sw1", ComponentKind.MODULE, "PSU B"), Fact.MODEL, "PSU-1"),
        ]
        tx.keep(Batch("sw1", Tier.IDENTITY, START, tuple(told)))
        tx.change(Subject("sw1"), "up", START)
    store.close()

    def run(*words: str) -> tuple[int, str, str]:
        import typer.main

        command = typer.main.get_command(cli.cli)
        takes = _options(command, list(words))
        given = [
            w for o, v in (("--database", fresh_url), ("--data", str(tmp_path / "data"))) if o in takes for w in (o, v)
        ]
        monkeypatch.setattr("sys.argv", ["netcase", *words, *given])
        code = 0
        try:
            cli.main()
        except SystemExit as ended:
            code = int(ended.code or 0)
        out, err = capsys.readouterr()
        return code, out, err

    run("case", "open", "--title", "PSU B is dark", "--device", "sw1", "--severity", "P3", "--reporter", "Zhang")
    return run


def _options(command: object, words: list[str]) -> set[str]:
    while getattr(command, "commands", None) and words and words[0] in command.commands:  # type: ignore[attr-defined]
        command = command.commands[words.pop(0)]  # type: ignore[attr-defined]
    return {name for option in command.params for name in option.opts}  # type: ignore[attr-defined]


def listed(netcase: Netcase, text: str, *words: str) -> tuple[int, str, str]:
    Path("s.csv").write_text(text)
    return netcase("spares", "import", "s.csv", *words)


def test_a_part_is_replaced_from_the_command_line(netcase: Netcase) -> None:
    assert listed(netcase, "part,serial,location\nPSU-1,NEW1,branch\n")[1] == "1 spare parts read: 1 new, 0 changed\n"
    code, out, _ = netcase("rma", "request", "1", "--serial", "bad1", "-m", "no output", "--json", "--as", "li")
    asked = json.loads(out)
    assert (code, asked["name"], asked["part"], asked["slot"]) == (0, "RMA-000001", "PSU-1", "sw1/module:PSU B")
    assert (asked["contract_status"], asked["requested_by"]) == ("valid", "li")
    assert netcase("rma", "confirm", "RMA-000001", "--by", "Zhang")[1] == "RMA-000001 is sourced: NEW1 of branch\n"
    assert netcase("rma", "ship", "1", "--tracking", "SF 1")[1] == "RMA-000001 is shipped\n"
    assert netcase("rma", "deliver", "1")[1] == "RMA-000001 is delivered\n"
    code, _, err = netcase("rma", "install", "1")
    assert (code, err.startswith("netcase: sw1 is running: ask the customer for written consent")) == (1, True)
    netcase("case", "consent", "ask", "1", "--change", "swap PSU B")
    netcase("case", "consent", "record", "1", "--by", "Zhang", "--how", "mail")
    code, out, err = netcase("rma", "install", "1")
    assert code == 0, err
    assert out.startswith("RMA-000001 is installed: NEW1; the next poll of sw1 shall tell it; BAD1 goes back by ")
    assert netcase("rma", "verify", "1", "-m", "LED is green")[1] == "RMA-000001 is healthy\n"
    code, _, err = netcase("rma", "close", "1")
    assert (code, "has not gone back: netcase rma return RMA-000001" in err) == (1, True)
    assert netcase("rma", "return", "1", "--tracking", "SF 2")[1] == "RMA-000001 is returned\n"
    assert netcase("rma", "close", "1")[1] == "RMA-000001 is closed\n"
    assert netcase("rma", "list")[1] == "No RMAs.\n"
    assert json.loads(netcase("rma", "list", "--all", "--json")[1])[0]["state"] == "closed"
    states = {each["serial"]: each["state"] for each in json.loads(netcase("spares", "list", "--json")[1])}
    assert states == {"NEW1": "in_use", "BAD1": "returned"}
    assert "RMA-000001: closed" in netcase("case", "show", "1")[1]
    assert json.loads(netcase("case", "show", "1", "--json")[1])["rmas"][0]["name"] == "RMA-000001"


def test_a_bad_list_imports_nothing_and_names_every_line(netcase: Netcase) -> None:
    code, out, err = listed(netcase, "part,serial,location\nPSU-1,NEW1,branch\nPSU-1,NEW2,nowhere\n,NEW3,branch\n")
    assert (code, out) == (2, "")
    assert err.splitlines() == [
        "s.csv:3: location: 'nowhere' is no location. Write one of headquarters, branch, hq, vendor:maker",
        f"s.csv:4: part: '' cannot be a part number. {NUMBERS}",
        "2 problems; nothing was imported",
    ]
    assert netcase("spares", "list")[1] == "No spare parts.\n"


def test_a_hostile_list_is_refused_in_plain_words(netcase: Netcase) -> None:
    for raw in (b"PK\x03\x04\0", b"", b'"', b"\xff\xfe\x00", b"a;b\n\x1b[2J;x\n"):
        Path("s.csv").write_bytes(raw)
        code, _, err = netcase("spares", "import", "s.csv")
        assert code == 2
        assert "nothing was imported" in err
        assert "\x1b" not in err


def test_stock_is_added_moved_and_counted_and_low_stock_is_told(netcase: Netcase) -> None:
    assert netcase("spares", "count")[0] == 1
    netcase("spares", "add", "--part", "PSU-1", "--serial", "n1", "--at", "headquarters")
    code, _, err = netcase("spares", "add", "--part", "PSU-1", "--serial", "N1", "--at", "branch")
    assert (code, err) == (1, "netcase: N1 is in stock at headquarters already: netcase spares move N1 --at branch\n")
    assert netcase("spares", "move", "N1", "--at", "branch")[0] == 0
    code, out, _ = netcase("spares", "count", "--low", "--json")
    assert (code, [(each["location"], each["in_stock"], each["least"]) for each in json.loads(out)]) == (
        1,
        [("branch", 1, 2)],
    )
    netcase("spares", "add", "--part", "PSU-1", "--serial", "N2", "--at", "branch")
    assert netcase("spares", "count")[0] == 0


def test_a_case_goes_to_a_vendor_and_comes_back(netcase: Netcase) -> None:
    code, out, _ = netcase("case", "vendor", "open", "1", "--reference", "SR 9", "--as", "li")
    assert code == 0
    assert out.startswith("NC-000001 is in the hands of maker; their next news are due ")
    for told in ("Your case: SR 9", "Severity: Sev C (P3)", "Serial number: BOX1", "Serial number: BAD1"):
        assert told in out
    assert "您" not in netcase("case", "vendor", "text", "1", "--lang", "zh_CN")[1]
    assert "序列号: BAD1" in netcase("case", "vendor", "text", "1", "--lang", "zh_CN")[1]
    code, _, err = netcase("case", "vendor", "open", "1")
    assert (code, err) == (1, "netcase: NC-000001 is in the hands of maker already\n")
    assert netcase("vendors")[0] == 0
    assert json.loads(netcase("vendors", "--json")[1])[0]["reference"] == "SR 9"
    assert "told news" in netcase("case", "vendor", "update", "1", "-m", "they look at it", "--next-update", "4h")[1]
    assert netcase("case", "vendor", "update", "1")[0] == 1
    assert netcase("case", "vendor", "close", "1", "-m", "fixed")[1] == "NC-000001 is back from maker and in_progress\n"
    assert netcase("case", "vendor", "close", "1", "-m", "fixed")[0] == 1
    assert netcase("vendors")[1] == "No case is in a vendor's hands.\n"


def test_the_bundle_is_written_where_it_is_asked_for(netcase: Netcase) -> None:
    netcase("case", "vendor", "open", "1", "--reference", "SR/9")
    code, out, _ = netcase("case", "bundle", "1", "-o", "out")
    assert code == 0
    assert out.startswith("out/SR-9_NC-000001.zip")
    with zipfile.ZipFile("out/SR-9_NC-000001.zip") as archive:
        assert "statement.zh_CN.txt" in archive.namelist()
    first = Path("out/SR-9_NC-000001.zip").read_bytes()
    netcase("case", "bundle", "1", "-o", "again")
    assert Path("again/SR-9_NC-000001.zip").read_bytes() == first
    assert netcase("case", "bundle", "1", "-o", "mine.zip")[0] == 0
    assert Path("mine.zip").is_file()
    assert netcase("case", "bundle", "7")[0] == 2
    assert "bundle made: mine.zip" in netcase("case", "show", "1")[1]


REFUSED = (
    (("rma", "show", "9"), 2, "there is no RMA 9: `netcase rma list` lists them"),
    (("rma", "request", "9", "-m", "x"), 2, "there is no case 9"),
    (("rma", "request", "1", "-m", "x", "--device", "nope"), 1, "no device is called nope"),
    (("rma", "request", "1", "-m", "x", "--serial", "!"), 1, "'!' cannot be a serial number: write 2 to 64"),
    (("rma", "request", "1"), 1, "say what is wrong with the part, with -m"),
    (("spares", "move", "XX", "--at", "branch"), 2, "no spare part has the serial number XX"),
    (("spares", "import", "missing.csv"), 2, "missing.csv cannot be read: No such file or directory"),
    (("case", "vendor", "update", "1", "-m", "x"), 1, "NC-000001 is in no vendor's hands"),
    (("case", "vendor", "open", "1", "--vendor", "x"), 1, "no vendor is called x: write one of maker"),
    (("case", "vendor", "open", "1", "--next-update", "2020-01-01"), 1, "--next-update must lie ahead"),
)


def test_what_cannot_be_done_says_what_to_do(netcase: Netcase) -> None:
    for words, code, said in REFUSED:
        ended, _, err = netcase(*words)
        assert (ended, said in err) == (code, True), err
