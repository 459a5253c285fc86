"""A platform of the operator's own, as docs/platforms.md shows it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.app import compose
from agent.errors import UsageError
from collectors.snmp import profiles
from tests.snmp_invented import document, sensors, states

PAGE = Path(__file__).parents[2] / "docs" / "platforms.md"
ACME = "1.3.6.1.4.1.99999"


@pytest.fixture(autouse=True)
def only_here() -> Iterator[None]:
    yield
    profiles._own.clear()
    profiles.everything.cache_clear()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """With the file that the page writes, in its two parts."""
    blocks = re.findall(r"```yaml\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    (tmp_path / "acme_switch.yaml").write_text("".join(blocks), "utf-8")
    return tmp_path


async def test_the_page_s_file_makes_its_device_known(folder: Path) -> None:
    compose.own_platforms({"NETCASE_PLATFORMS": str(folder)})
    found = await document(
        f"{ACME}.1.48",
        {
            f"{ACME}.2.1.0": "A48-0001",
            f"{ACME}.3.1.1.2.1": "Main", f"{ACME}.3.1.1.3.1": 17,
            f"{ACME}.4.1.1.2.1": "Inlet", f"{ACME}.4.1.1.3.1": 315, f"{ACME}.4.1.1.4.1": 600,
            f"{ACME}.4.1.1.2.2": "Empty", f"{ACME}.4.1.1.3.2": -9990,
            f"{ACME}.5.1.1.2.1": 1, f"{ACME}.5.1.1.2.2": 2,
        },
        "ACME Switch 48G, software 4.2.1",
    )  # fmt: skip
    device = found["device"]
    assert [device[k] for k in ("vendor", "platform", "version", "hardware", "serial")] == [
        "acme", "acme_switch", "4.2.1", "48G", "A48-0001",
    ]  # fmt: skip
    assert found["cpu"] == [{"name": "Main", "usage_pct": 17.0}]
    assert sensors(found, "temperature") == {"Inlet": 31.5}
    assert states(found, "fan") == {"Fan 1": "ok", "Fan 2": "failed"}


def test_a_file_of_ours_gives_way_to_one_of_the_same_name(tmp_path: Path) -> None:
    (tmp_path / "ruijie_os.yaml").write_text(
        "vendor: other\nplatform: ruijie_os\nmatch: [{object_id: 1.3.6.1.4.1.4881}]\n"
    )
    profiles.add(tmp_path)
    assert profiles.everything()["ruijie_os"].vendor == "other"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("vendor: [x\n", "acme.yaml: line 2"),
        ("vendro: acme\n", "acme.yaml: unknown key vendro"),
        ("tables: [{name: t, kind: cpu, facts: {usage_pct: 1.x}}]\n", "acme.yaml: invalid literal"),
        ("tables: [{kind: cpu}]\n", "acme.yaml: there is no 'name'"),
        ("tables: [{name: t, kind: engine}]\n", "acme.yaml: 'engine' is not a valid ComponentKind"),
        ("extends: nothing\n", "acme.yaml: there is no 'nothing'"),
        ("match: [{object_id: 1.3, descr: '('}]\n", "acme.yaml: missing )"),
    ],
)
def test_a_file_that_is_not_in_the_form_is_named_with_what_is_wrong(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "acme.yaml").write_text(text)
    with pytest.raises(UsageError) as raised:
        profiles.add(tmp_path)
    assert told in str(raised.value)


def test_a_folder_that_is_not_there_is_said_to(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is no folder"):
        compose.own_platforms({"NETCASE_PLATFORMS": str(tmp_path / "none")})
