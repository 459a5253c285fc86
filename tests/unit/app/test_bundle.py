"""A case's bundle is opened and looked at: what is in it, what is not, how large it is, and that no secret is."""

import base64
import hashlib
import json
import re
import tarfile
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from agent.app import bundle
from agent.app.bundle import Bundle, Gathered
from agent.cases import bundle as packing
from agent.cases.case import Action, Case, CaseKind, CaseState, Entry, Evidence, EvidenceState, Severity
from agent.cases.statement import Statement, Unit, Wire
from agent.cases.vendor import Handover
from agent.errors import RefusedError
from agent.inventory.customers import Person
from agent.inventory.vendors import Form, TooLarge, Vendor
from agent.observation import Subject
from agent.storage.evidence import FileEvidence
from tests.story import START
from tests.unit import scrub_samples

SECRET = "S3cr3t-Pass-77"
CONFIG = "hostname sw1\nsnmp-server community c0mmunityXYZ RO\nusername ops password 0 hunter2hunter2\n!\nend\n"
VENDOR = Vendor(
    name="maker", title="Maker TAC", contract="M-1", severities={"P2": "Sev 2"}, naming="{reference}_{case}"
)


def a_case() -> Case:
    return Case(
        number=7,
        problem="p",
        kind=CaseKind.REPORTED,
        subject=Subject("sw1"),
        severity=Severity.P2,
        state=CaseState.WITH_VENDOR,
        opened=START,
        updated=START,
        root="",
        title="switch restarts <b>again</b>",
        customer="acme",
        contract="C-1",
    )


class Shelf:
    """Evidence of one case, on disk as the store keeps it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.files = folder, FileEvidence(folder / "evidence")
        self.rows: list[Evidence] = []

    def put(
        self, content: bytes, topic: str = "log", tier: str = "quick", command: str = "", device: str = "sw1"
    ) -> str:
        path = self.folder / "new"
        path.write_bytes(content)
        sha256, size = self.files.put(path)
        row = Evidence(
            case=7,
            device=device,
            command=command or f"show {topic}",
            topic=topic,
            tier=tier,
            state=EvidenceState.DONE,
            at=START,
            bytes=size,
            sha256=sha256,
            secrets_removed=2,
            id=len(self.rows) + 1,
        )
        self.rows.append(row)
        return sha256

    def gathered(self, vendor: Vendor | None = VENDOR, *more: Entry) -> Gathered:
        log = (
            Entry(case=7, at=START, action=Action.OPENED, text="opened"),
            Entry(case=7, at=START + timedelta(hours=1), action=Action.NOTE, text=f"password {SECRET}", actor="li"),
            *more,
        )
        handover = Handover(case=7, vendor="maker", reference="SR/9", opened=START, opened_by="li", last=START)
        stated = Statement(
            case=a_case(),
            log=log,
            units=(Unit(device="sw1", model="WS-C3850", version="16.12.4", serial="FOC1"),),
            wires=(Wire(device="sw1", interface="Gi0/1", far="core", far_interface="Te1/1"),),
            engineer=Person(name="李娜", phone="+86 10 5550", email="li@example.net"),
            vendor=vendor,
            handover=handover if vendor else None,
        )
        return Gathered(stated=stated, rows=tuple(self.rows), vendor=vendor)

    def packed(self, name: str = "out", vendor: Vendor | None = VENDOR, **more: object) -> Bundle:
        secrets = (SECRET,)
        return bundle.write(self.gathered(vendor), self.files, secrets, self.folder / name, **more)  # type: ignore[arg-type]


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path)


def opened(made: Bundle) -> dict[str, bytes]:
    """Every file of every archive; the manifest of the first."""
    found: dict[str, bytes] = {}
    for path in made.archives:
        with zipfile.ZipFile(path) as archive:
            assert archive.testzip() is None
            for name in archive.namelist():
                found.setdefault(name, archive.read(name))
    return found


def manifest(files: Mapping[str, bytes]) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(files["manifest.json"])
    return told


def noise(size: int, seed: str = "a") -> bytes:
    """Text that cannot be packed well."""
    out, block = bytearray(), seed.encode()
    while len(out) < size:
        block = hashlib.sha256(block).digest()
        out += block.hex().encode() + b"\n"
    return bytes(out[:size])


def test_the_bundle_holds_statement_timeline_evidence_and_manifest(shelf: Shelf) -> None:
    shelf.put(b"Mar  2 08:00:00 sw1 restarted\n")
    made = shelf.packed()
    files = opened(made)
    assert [path.name for path in made.archives] == ["SR-9_NC-000007.zip"]
    assert list(files) == [
        "manifest.json",
        "manifest.txt",
        "statement.en.txt",
        "statement.zh_CN.txt",
        "timeline.txt",
        "evidence/sw1-log.txt",
    ]
    assert files["evidence/sw1-log.txt"] == b"Mar  2 08:00:00 sw1 restarted\n"
    english = files["statement.en.txt"].decode()
    for told in ("Your case: SR/9", "Sev 2 (P2)", "FOC1", "16.12.4", "sw1:Gi0/1 – core:Te1/1", "李娜", "M-1"):
        assert told in english
    assert "序列号: FOC1" in files["statement.zh_CN.txt"].decode()


def test_the_manifest_tells_of_every_file_what_it_is_and_what_was_struck_out(shelf: Shelf) -> None:
    shelf.put(b"line\n")
    files = opened(shelf.packed())
    told = manifest(files)
    (file,) = told["files"]
    assert file["name"] == "evidence/sw1-log.txt"
    assert file["sha256"] == hashlib.sha256(files["evidence/sw1-log.txt"]).hexdigest()
    assert (file["device"], file["command"], file["bytes"], file["secrets_removed"]) == ("sw1", "show log", 5, 2)
    assert (file["secrets_removed_again"], file["missing"], file["archives"]) == (0, "", ["SR-9_NC-000007.zip"])
    assert told["equipment"][0]["serial"] == "FOC1"
    assert told["vendor_reference"] == "SR/9"
    assert told["contact"]["name"] == "李娜"
    assert "sha-256" in files["manifest.txt"].decode().lower()


def test_no_secret_is_in_the_bundle_wherever_it_stood(shelf: Shelf) -> None:
    """Neither one that a device prints, nor one of ours that a person wrote into a note."""
    shelf.put(CONFIG.encode(), "running")
    shelf.put(f"somebody typed {SECRET} here\n".encode(), "history")
    made = shelf.packed()
    whole = b"\n".join(opened(made).values())
    for secret in (SECRET, "c0mmunityXYZ", "hunter2hunter2"):
        assert secret.encode() not in whole
    told = manifest(opened(made))
    assert [file["secrets_removed_again"] for file in told["files"]] == [2, 1]
    assert made.secrets_again == told["totals"]["secrets_removed_again"] == 3


def test_no_secret_of_any_devices_transcript_gets_into_a_bundle(shelf: Shelf) -> None:
    secrets, harmless = set(), ""
    for name, sample in scrub_samples.PLATFORMS.items():
        secrets |= {found for found in re.findall("⟦([^⟧]*)⟧", sample) if len(found) > 7}
        harmless += re.sub("⟦[^⟧]*⟧", "", sample)
        shelf.put(re.sub("[⟦⟧]", "", sample).encode(), f"running-{name}")
    whole = b"\n".join(opened(shelf.packed()).values()).decode("utf-8", "replace")
    assert len(secrets) > 100
    assert [secret for secret in secrets if secret in whole and secret not in harmless] == []


def test_the_same_case_makes_the_same_bytes(shelf: Shelf) -> None:
    shelf.put(noise(50_000))
    shelf.put(CONFIG.encode(), "running")
    first, second = shelf.packed("one"), shelf.packed("two")
    assert first.archives[0].read_bytes() == second.archives[0].read_bytes()
    said = Entry(case=7, at=START + timedelta(days=1), action=Action.VENDOR, text="made", data={"what": "bundled"})
    third = bundle.write(shelf.gathered(VENDOR, said), shelf.files, (SECRET,), shelf.folder / "three")
    assert third.archives[0].read_bytes() == first.archives[0].read_bytes()


def test_hostile_names_stay_inside_the_folder_that_it_is_unpacked_into(shelf: Shelf) -> None:
    for name in ("../../etc/passwd", "/etc/cron.d/x", "C:\\windows\\x.txt", "con\x00.txt", "\u202etxt.exe", "." * 9):
        shelf.put(b"x\n", topic=name, device=name)
        shelf.put(b"y\n", tier="upload", command=name, topic=name, device="")
    files = opened(shelf.packed())
    for name in files:
        assert not name.startswith(("/", "."))
        assert ".." not in Path(name).parts
        assert name.isascii()
        assert name.isprintable()
        assert "\\" not in name
        assert ":" not in name
    assert len([name for name in files if name.startswith("evidence/")]) == len(shelf.rows)
    out = shelf.folder / "unpacked"
    with zipfile.ZipFile(shelf.packed("again").archives[0]) as archive:
        archive.extractall(out)
    assert {path.relative_to(out).parts[0] for path in out.rglob("*")} <= {*files, "evidence"}


def test_a_vendors_reference_makes_no_path_of_the_archives_name(shelf: Shelf) -> None:
    odd = replace(a_case(), customer="../../x")
    name = packing.stem(odd, replace(VENDOR, naming="{customer}_{reference}_{case}"), "../a b\n/etc")
    assert name == "x_-a-b-etc_NC-000007" or ("/" not in name and ".." not in name and " " not in name)


def test_what_is_too_large_is_dealt_out_to_numbered_archives(shelf: Shelf) -> None:
    limit = 150_000
    for number in range(6):
        shelf.put(noise(100_000, str(number)), f"log{number}")
    made = shelf.packed(vendor=replace(VENDOR, largest_upload=limit))
    assert len(made.archives) > 2
    assert [path.name for path in made.archives] == [
        f"SR-9_NC-000007.part{n}of{len(made.archives)}.zip" for n in range(1, len(made.archives) + 1)
    ]
    assert all(path.stat().st_size <= limit for path in made.archives)
    told = manifest(opened(made))
    assert all(file["archives"] and not file["missing"] for file in told["files"])
    for path in made.archives:
        with zipfile.ZipFile(path) as archive:
            assert archive.read("manifest.json") == opened(made)["manifest.json"]
            for file in told["files"]:
                assert (file["name"] in archive.namelist()) == (path.name in file["archives"])


def test_a_file_that_fits_into_no_archive_is_cut_and_is_whole_when_put_together(shelf: Shelf) -> None:
    content = noise(900_000)
    shelf.put(content, "tech")
    made = shelf.packed(vendor=replace(VENDOR, largest_upload=200_000))
    files = opened(made)
    pieces = sorted(name for name in files if name.startswith("evidence/"))
    assert len(pieces) > 3
    assert b"".join(files[name] for name in pieces) == content
    (file,) = manifest(files)["files"]
    assert [piece["name"] for piece in file["pieces"]] == pieces
    assert all(hashlib.sha256(files[p["name"]]).hexdigest() == p["sha256"] for p in file["pieces"])
    assert all(path.stat().st_size <= 200_000 for path in made.archives)


def test_a_file_that_packs_well_in_one_half_and_badly_in_the_other_is_cut_fine_enough(shelf: Shelf) -> None:
    content = b"interface is up\n" * 400_000 + noise(900_000)
    shelf.put(content, "tech")
    made = shelf.packed(vendor=replace(VENDOR, largest_upload=200_000))
    files = opened(made)
    pieces = sorted(name for name in files if name.startswith("evidence/"))
    assert b"".join(files[name] for name in pieces) == content
    assert all(path.stat().st_size <= 200_000 for path in made.archives)


def test_a_piece_and_a_persons_file_that_is_called_as_one_are_both_in_the_bundle(shelf: Shelf) -> None:
    content = noise(900_000)
    shelf.put(content, tier="upload", command="a.log", device="")
    shelf.put(b"mine\n", tier="upload", command="a.piece001.log", device="")
    made = shelf.packed(vendor=replace(VENDOR, largest_upload=200_000))
    files = opened(made)
    (large, small) = manifest(files)["files"]
    assert b"".join(files[piece["name"]] for piece in large["pieces"]) == content
    assert files[small["name"]] == b"mine\n"


def test_the_largest_files_are_left_out_where_the_vendor_wants_one_archive_and_it_is_said(shelf: Shelf) -> None:
    for number in range(4):
        shelf.put(noise(60_000 + 30_000 * number, str(number)), f"log{number}")
    made = shelf.packed(vendor=replace(VENDOR, largest_upload=150_000, too_large=TooLarge.LEAVE_OUT))
    assert len(made.archives) == 1
    assert made.archives[0].stat().st_size <= 150_000
    assert set(made.left_out) == {"evidence/sw1-log2.txt", "evidence/sw1-log3.txt"}
    files = opened(made)
    assert "evidence/sw1-log3.txt" not in files
    assert "NOT IN THE BUNDLE: left out: with it the upload would be larger" in files["manifest.txt"].decode()
    assert manifest(files)["totals"]["left_out"] == 2


def test_a_limit_that_not_even_the_statement_keeps_is_refused(shelf: Shelf) -> None:
    shelf.put(b"x\n")
    with pytest.raises(RefusedError, match="raise largest_upload"):
        shelf.packed(vendor=replace(VENDOR, largest_upload=3_000))


def test_a_damaged_or_missing_file_is_named_and_not_packed(shelf: Shelf) -> None:
    bad, gone = shelf.put(b"one\n", "log"), shelf.put(b"two\n", "cpu")
    shelf.files.path(bad).write_bytes(b"tampered\n")
    shelf.files.path(gone).unlink()
    made = shelf.packed()
    assert made.damaged == ("sw1 show log", "sw1 show cpu")
    assert not any(name.startswith("evidence/") for name in opened(made))


def test_what_is_no_text_is_left_out_unless_it_is_asked_for(shelf: Shelf) -> None:
    shelf.put(b"\x89PNG\0\0picture", tier="upload", command="scan.png", topic="", device="")
    assert "evidence/upload-scan.png" not in opened(shelf.packed("without"))
    assert "no text" in next(iter(shelf.packed("said").left_out.values()))
    assert opened(shelf.packed("with", attachments=True))["evidence/upload-scan.png"] == b"\x89PNG\0\0picture"


def test_octets_that_are_no_utf8_stay_as_they_are(shelf: Shelf) -> None:
    content = b"\xff\xfe odd \x80\xff\n" + "中文 gb".encode("gb18030") + b"\n"
    shelf.put(content)
    assert opened(shelf.packed())["evidence/sw1-log.txt"] == content


def test_a_tar_is_made_where_the_vendor_wants_one(shelf: Shelf) -> None:
    shelf.put(b"one\n")
    made = shelf.packed(vendor=replace(VENDOR, form=Form.TAR_GZ))
    assert made.archives[0].name == "SR-9_NC-000007.tar.gz"
    with tarfile.open(made.archives[0]) as archive:
        assert "evidence/sw1-log.txt" in archive.getnames()
        assert {member.mtime for member in archive} == {0}
    again = shelf.packed("again", vendor=replace(VENDOR, form=Form.TAR_GZ))
    assert again.archives[0].read_bytes() == made.archives[0].read_bytes()


def test_a_case_without_evidence_and_vendor_has_a_bundle_too(shelf: Shelf) -> None:
    made = shelf.packed(vendor=None, name="")
    assert [path.name for path in made.archives] == ["NC-000007.zip"]


def test_an_original_mail_stays_here_for_it_is_encoded(shelf: Shelf) -> None:
    said = base64.b64encode(f"password {SECRET}, https://cases.example.net/answer/x".encode())
    shelf.put(b"Content-Transfer-Encoding: base64\n\n" + said, topic="mail", tier="upload", command="Re.eml")
    made = shelf.packed("said")
    assert not [name for name in opened(made) if name.startswith("evidence/")]
    assert "no text" in next(iter(made.left_out.values()))
    assert opened(shelf.packed("with", attachments=True))
