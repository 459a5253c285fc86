"""What a device is, from the sentence that it says of itself."""

import pytest

from agent.observation import Fact
from collectors.snmp import identity, profiles
from collectors.snmp.session import parse_oid


@pytest.mark.parametrize(
    ("object_id", "descr", "platform", "model", "version"),
    [
        (
            "11.2.3.7.11.29",
            "HP J4900A ProCurve Switch 2626, revision H.08.60, ROM H.08.02",
            "hp_procurve",
            "J4900A 2626",
            "H.08.60",
        ),
        (
            "11.2.3.7.11.80",
            "HP ProCurve 1810G - 24 GE, P.2.2, eCos-2.0, CFE-2.1",
            "hp_procurve",
            "ProCurve 1810G - 24 GE",
            "P.2.2",
        ),
        ("11.2.3.7.11.80", "ProCurve Switch 1800-24G", "hp_procurve", "1800-24G", None),
        ("47196.4.1.1.1.50", "Aruba JL479A  TL.10.02.0001", "aruba_aoscx", "JL479A", "TL.10.02.0001"),
        ("14823.1.2.111", "ArubaOS (MODEL: 515), Version 8.7.1.1 (78245)", "aruba_instant", "515", "8.7.1.1"),
        ("674.10895.5027", "ArubaOS (MODEL: W-7210), Version 6.4.4.8 (55228)", "aruba_os", "W-7210", "6.4.4.8"),
        (
            "674.10895.3065",
            "Dell EMC Networking N3048EP-ON, 6.5.4.2, Linux 4.14.138",
            "dell_force10",
            "N3048EP-ON",
            "6.5.4.2",
        ),
        (
            "674.10895.3015",
            "PowerConnect 6248, 3.3.7.3, VxWorks 6.5",
            "dell_powerconnect",
            "PowerConnect 6248",
            "3.3.7.3",
        ),
        ("2272.30", "ERS-8610 (4.1.5.0)", "extreme_vsp", "ERS-8610", "4.1.5.0"),
        ("1916.2.353", "5520-24T-FabricEngine (8.6.0.0)", "extreme_vsp", "5520-24T-FabricEngine", "8.6.0.0"),
        (
            "1916.2.340",
            "Extreme Networks Switch Engine (5420F-SwitchEngine) version 32.1.1.6",
            "extreme_exos",
            "5420F-SwitchEngine",
            "32.1.1.6",
        ),
        ("45.3.35.1", "BayStack 450-24T HW:RevL  FW:V1.48 SW:v4.5.1.0 ISVN:2", "extreme_ers", "450-24T", "4.5.1.0"),
        (
            "1991.1.3.48",
            "Brocade Communications Systems, Inc. Stacking System ICX6610-48, IronWare Version 08.0.30h",
            "brocade_fastiron",
            "ICX6610-48",
            "08.0.30h",
        ),
        (
            "1991.1.3.44",
            "Brocade NetIron MLX (System Mode: MLX), IronWare Version V5.4.0cT163",
            "brocade_fastiron",
            "NetIron MLX",
            "5.4.0cT163",
        ),
        (
            "12325.1.1.2.1.1",
            "pfSense gate 2.4.4-RELEASE pfSense FreeBSD 11.2-RELEASE-p10 amd64",
            "freebsd",
            "amd64",
            "2.4.4-RELEASE",
        ),
        ("40310", "Cumulus-Linux 5.6.0 (Linux Kernel 5.10.0-cl-1-amd64)", "linux", None, "5.6.0"),
        ("41112.1.5", "EdgeOS v2.0.9-hotfix.7.5622762.230615.1131", "ubiquiti_edgerouter", None, "2.0.9"),
    ],
)
def test_a_device_is_what_it_says_of_itself(
    object_id: str, descr: str, platform: str, model: str | None, version: str | None
) -> None:
    oid = parse_oid(f"1.3.6.1.4.1.{object_id}")
    told = identity.observations("d", profiles.identify(oid, descr), oid, descr, {}, {}, {})
    found = {o.fact: o.value for o in told}
    assert (found[Fact.PLATFORM], found.get(Fact.MODEL), found.get(Fact.VERSION)) == (platform, model, version)
