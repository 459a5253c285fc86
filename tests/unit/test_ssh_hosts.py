"""Host keys: who is known, who is new, who changed; and the agent's own file of them."""

import base64
import multiprocessing
import shutil
import stat
import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collectors.ssh.hosts import HostKey, KnownHosts, Verdict, _entry, name_of

ONE, TWO = HostKey("ssh-ed25519", b"one"), HostKey("ssh-ed25519", b"two")


def line(names: str, key: HostKey = ONE, marker: str = "") -> str:
    return f"{marker} {names} {key.kind} {base64.b64encode(key.blob).decode()} somebody@somewhere\n".lstrip()


def verdict(tmp_path, text: str, name: str = "sw1", key: HostKey = ONE) -> Verdict:
    (tmp_path / "known").write_text(text)
    return KnownHosts(None, (tmp_path / "known",)).judge(name, key).verdict


@pytest.mark.parametrize(
    ("names", "name"),
    [
        ("sw1", "sw1"),
        ("SW1", "sw1"),
        ("other,sw1,192.0.2.1", "192.0.2.1"),
        ("[192.0.2.1]:2222", "[192.0.2.1]:2222"),
        ("[2001:db8::1]:2222", "[2001:db8::1]:2222"),
        ("sw*", "sw1"),
        ("sw?", "sw1"),
        ("*,!sw2", "sw1"),
        ("|1|iEdO/zFpKFxt4ZUJ/JnSoRtvNrM=|AGKu5KPx9Rv3QG3mrFpWTQdIMGU=", ""),
    ],
)
def test_names_are_read_as_openssh_writes_them(tmp_path, names, name):
    if name:
        assert verdict(tmp_path, line(names), name) is Verdict.KNOWN
    else:
        assert verdict(tmp_path, line(names), "sw1") is Verdict.UNKNOWN


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# sw1 ssh-ed25519 b25l\n",
        "sw1 ssh-ed25519\n",
        "sw1 ssh-ed25519 not/base64!\n",
        "[sw1]:2222 ssh-ed25519 b25l\n",
        "*,!sw1 ssh-ed25519 b25l\n",
        "|1|broken ssh-ed25519 b25l\n",
        "\xff\xfe\n",
    ],
)
def test_nobody_is_known_by_what_does_not_name_him(tmp_path, text):
    assert verdict(tmp_path, text) is Verdict.UNKNOWN


def test_another_key_than_the_known_one_is_a_change_that_names_both(tmp_path):
    (tmp_path / "known").write_text(line("sw1", TWO))
    judged = KnownHosts(None, (tmp_path / "known",)).judge("sw1", ONE)
    assert judged.verdict is Verdict.CHANGED
    assert [(entry.key, entry.where) for entry in judged.known] == [(TWO, f"{tmp_path}/known:1")]


def test_a_device_may_be_known_by_several_keys(tmp_path):
    for key in (ONE, TWO):
        assert verdict(tmp_path, line("sw1", TWO) + line("sw1", ONE), key=key) is Verdict.KNOWN


def test_a_revoked_key_is_refused_whatever_else_knows_it(tmp_path):
    text = line("sw1") + line("*", marker="@revoked")
    assert verdict(tmp_path, text) is Verdict.REVOKED
    assert verdict(tmp_path, text, key=TWO) is Verdict.CHANGED


def test_a_certificate_authority_makes_nobody_known_and_is_told_of(tmp_path):
    (tmp_path / "known").write_text(line("*", marker="@cert-authority"))
    judged = KnownHosts(None, (tmp_path / "known",)).judge("sw1", ONE)
    assert (judged.verdict, judged.by_authority) == (Verdict.UNKNOWN, True)


@pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="ssh-keygen is not installed")
def test_fingerprints_and_hashed_names_are_those_of_openssh(tmp_path):
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / "key"], check=True)
    kind, blob, _ = (tmp_path / "key.pub").read_text().split(maxsplit=2)
    key = HostKey(kind, base64.b64decode(blob))
    told = subprocess.run(["ssh-keygen", "-l", "-f", tmp_path / "key.pub"], check=True, capture_output=True, text=True)
    assert key.fingerprint == told.stdout.split()[1]
    (tmp_path / "known").write_text(line("[192.0.2.1]:2222", key))
    subprocess.run(["ssh-keygen", "-q", "-H", "-f", tmp_path / "known"], check=True, capture_output=True)
    assert "|1|" in (tmp_path / "known").read_text()
    known = KnownHosts(tmp_path / "known")
    assert known.judge("[192.0.2.1]:2222", key).verdict is Verdict.KNOWN
    known.accept("[192.0.2.1]:2222", ONE)
    found = subprocess.run(
        ["ssh-keygen", "-F", "[192.0.2.1]:2222", "-f", tmp_path / "known"], check=True, capture_output=True, text=True
    )
    assert found.stdout.count("ssh-ed25519") == 1 and blob not in found.stdout


def test_a_name_has_its_port_where_it_is_not_22():
    assert (name_of("SW1", 22), name_of("192.0.2.1", 2222)) == ("sw1", "[192.0.2.1]:2222")


def test_who_is_trusted_first_is_remembered_for_the_owner_only(tmp_path):
    own = tmp_path / "data" / "known_hosts"
    known = KnownHosts(own)
    assert known.trust_first("sw1", ONE).verdict is Verdict.KNOWN
    assert known.trust_first("sw2", TWO).verdict is Verdict.KNOWN
    assert known.trust_first("sw1", TWO).verdict is Verdict.CHANGED
    assert [known.judge(name, ONE).verdict for name in ("sw1", "sw2")] == [Verdict.KNOWN, Verdict.CHANGED]
    assert stat.S_IMODE(own.stat().st_mode) == 0o600
    assert sorted(path.name for path in own.parent.iterdir()) == ["known_hosts", "known_hosts.lock"]


def test_accepting_takes_the_place_of_the_old_keys_and_of_no_other_line(tmp_path):
    own = tmp_path / "known_hosts"
    own.write_text(f"# mine\n{line('sw1,sw2')}{line('sw1', marker='@revoked')}{line('sw*')}not a line\n")
    replaced = KnownHosts(own).accept("sw1", TWO)
    assert [entry.where for entry in replaced] == [f"{own}:2", f"{own}:4"]
    kept = own.read_text().splitlines()
    assert kept[0] == "# mine" and kept[1].startswith("sw2 ssh-ed25519") and kept[2].startswith("@revoked sw1 ")
    assert kept[3].startswith("sw* ") and kept[4:] == ["not a line", line("sw1", TWO).rsplit(" ", 1)[0]]


def test_others_files_are_read_and_never_written(tmp_path):
    other = tmp_path / "other"
    other.write_text(line("sw1", TWO))
    known = KnownHosts(tmp_path / "own", (other, tmp_path / "none"))
    assert known.judge("sw1", ONE).verdict is Verdict.CHANGED
    known.accept("sw1", ONE)
    assert known.judge("sw1", ONE).verdict is Verdict.KNOWN
    assert other.read_text() == line("sw1", TWO)


def _trust(path: str, name: str) -> None:
    KnownHosts(__import__("pathlib").Path(path)).trust_first(name, ONE)


def test_many_at_once_lose_no_line(tmp_path):
    own = tmp_path / "known_hosts"
    processes = [
        multiprocessing.get_context("spawn").Process(target=_trust, args=(str(own), f"p{n}")) for n in range(3)
    ]
    for process in processes:
        process.start()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: KnownHosts(own).trust_first(f"t{n}", ONE), range(40)))
    for process in processes:
        process.join(60)
    names = {text.split()[0] for text in own.read_text().splitlines()}
    assert names == {f"t{n}" for n in range(40)} | {"p0", "p1", "p2"}


def test_of_two_keys_that_are_trusted_at_once_one_wins(tmp_path):
    own = tmp_path / "known_hosts"
    with ThreadPoolExecutor(8) as pool:
        keys = [HostKey("ssh-ed25519", bytes([n])) for n in range(16)]
        verdicts = list(pool.map(lambda key: KnownHosts(own).trust_first("sw1", key).verdict, keys))
    assert sorted(verdicts) == [Verdict.CHANGED] * 15 + [Verdict.KNOWN]
    assert len(own.read_text().splitlines()) == 1


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(max_size=200))
def test_no_line_breaks_the_reader(text):
    entry = _entry(text)
    assert entry is None or not entry.names_host("\0")
