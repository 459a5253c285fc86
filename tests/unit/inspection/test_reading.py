from datetime import UTC, datetime, timedelta, timezone
from time import process_time

import pytest

from agent.inspection import reading

PLATFORMS = ("cisco_ios", "cisco_xe", "arista_eos", "huawei_vrp", "hp_comware", "juniper_junos", "linux", "x")
TOPICS = ("redundancy", "clock", "configuration_saved")
HOSTILE = (" ", "\n", "a", "1 ", " \n", "+", "Switchover State : ", "Hardware Mode = Duplex\n")
REFUSED = ("% Invalid input detected at '^' marker.\n", "Unrecognized command\n", "\x00\ufffd noise")
OTHER_CLOCKS = (
    "10:23:45.123 CST Sat Nov 21 2026\n",
    "25:99:45.123 UTC Sat Nov 31 2026\n",
    "10:23:45.1 UTC Sat Xyz 1 2026",
)
NONE_CISCO = "Redundant System Information :\n        Hardware Mode = Simplex\n    Configured Redundancy Mode = sso\n"
IRF = """MemberID    Role    Priority  CPU-Mac         Description
 *+1        Master  32        1234-5678-9abc  ---
   2        {role} 1         1234-5678-9abd  ---
"""


@pytest.mark.parametrize(
    ("topic", "platform", "text", "means"),
    [
        ("redundancy", "cisco_ios", NONE_CISCO, "none"),
        ("redundancy", "cisco_xe", "Hardware Mode = Duplex\n peer state = 8  -STANDBY HOT\n", "ok"),
        ("redundancy", "cisco_xe", "Hardware Mode = Duplex\n peer state = 1  -DISABLED\n", "bad"),
        ("redundancy", "cisco_xe", "Hardware Mode = Duplex\n peer state = 4  -STANDBY COLD\n", "bad"),
        ("redundancy", "arista_eos", "state                : Active\npeer-link status     : Up\n", "ok"),
        ("redundancy", "arista_eos", "state                : Inactive\npeer-link status     : Down\n", "bad"),
        ("redundancy", "arista_eos", "state                : Disabled\n", "none"),
        ("redundancy", "arista_eos", "  my state = ACTIVE\npeer state = STANDBY HOT\n", "ok"),
        ("redundancy", "huawei_vrp", "Switchover State        : Realtime or routine backup.\n", "ok"),
        ("redundancy", "hp_comware", IRF.format(role="Standby"), "ok"),
        ("redundancy", "hp_comware", IRF.format(role="Loading"), "bad"),
        ("redundancy", "hp_comware", IRF.splitlines(keepends=True)[1], "none"),
        ("redundancy", "juniper_junos", "  Current state   Master\n  Current state   Backup\n", "ok"),
        ("redundancy", "juniper_junos", "Routing Engine status:\n    Temperature  38 degrees C\n", "none"),
        ("redundancy", "linux", "Bonding Mode: fault-tolerance (active-backup)\nMII Status: up\n", "ok"),
        ("redundancy", "linux", "Bonding Mode: x\nSlave Interface: eth1\nMII Status: down\n", "bad"),
        ("clock", "cisco_ios", "Clock is unsynchronized, stratum 16, no reference clock\n", "bad"),
        ("clock", "cisco_ios", "Clock is synchronized, stratum 3, reference is 192.0.2.1\n", "ok"),
        ("clock", "arista_eos", "unsynchronised\n  time server re-starting\n", "bad"),
        ("clock", "arista_eos", "synchronised to NTP server (192.0.2.1) at stratum 3\n", "ok"),
        ("clock", "huawei_vrp", " clock status: synchronized\n clock stratum: 3\n", "ok"),
        ("clock", "hp_comware", " Clock status: unsynchronized\n", "bad"),
        ("clock", "juniper_junos", "status=c011 sync_alarm, sync_unspec, 1 event\n", "bad"),
        ("clock", "juniper_junos", "status=0664 leap_none, sync_ntp, 6 events\n", "ok"),
        ("clock", "linux", "System clock synchronized: yes\n", "ok"),
        ("configuration_saved", "cisco_ios", "!Contextual Config Diffs:\n!No changes were found\n", "ok"),
        ("configuration_saved", "cisco_ios", "!Contextual Config Diffs:\n+ip domain name x.example\n", "bad"),
        ("configuration_saved", "arista_eos", "", "ok"),
        ("configuration_saved", "arista_eos", "--- flash:/startup-config\n+++ system:/running\n+vlan 3\n", "bad"),
        ("configuration_saved", "huawei_vrp", "The current configuration is the same as the next one.", "ok"),
        ("configuration_saved", "huawei_vrp", "Warning: The current configuration is not the same as the", "bad"),
        ("configuration_saved", "hp_comware", "\n \n", "ok"),
        ("configuration_saved", "juniper_junos", "0   2026-11-01 10:11:12 UTC by netops via cli\n", "ok"),
    ],
)
def test_what_a_platform_prints_is_understood(topic, platform, text, means):
    found = reading.read(topic, platform, text)
    assert found is not None
    assert found.means == means


@pytest.mark.parametrize("topic", TOPICS)
@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("text", OTHER_CLOCKS)
def test_what_is_not_understood_is_never_a_pass(topic, platform, text):
    assert reading.read(topic, platform, text) is None


def test_the_devices_refusal_is_quoted():
    text = "show redundancy\n           ^\n% Invalid input detected at '^' marker.\n"
    assert "Invalid input" in reading.refused(text)
    assert reading.refused("bash: vtysh: command not found\n") == "bash: vtysh: command not found"
    assert reading.refused("Clock is synchronized\n") == ""


@pytest.mark.parametrize(
    ("platform", "text", "zone"),
    [
        ("cisco_ios", "*10:23:45.123 UTC Sat Nov 21 2026\n", UTC),
        ("arista_eos", "Sat Nov 21 10:23:45 2026\nTimezone: UTC\nClock source: local\n", UTC),
        ("huawei_vrp", "2026-11-21 10:23:45+08:00\nSaturday\n", timezone(timedelta(hours=8))),
        ("huawei_vrp", "2026-11-21 10:23:45\nSaturday\nTime Zone(BJ) : UTC+08:00\n", timezone(timedelta(hours=8))),
        ("hp_comware", "10:23:45.123 UTC Sat 11/21/2026\n", UTC),
        ("juniper_junos", "Current time: 2026-11-21 10:23:45 UTC\n", UTC),
        ("linux", "2026-11-21T10:23:45+00:00\n", UTC),
    ],
)
def test_a_clock_is_read_where_its_zone_is_the_same_everywhere(platform, text, zone):
    assert reading.clock(platform, text) == datetime(2026, 11, 21, 10, 23, 45, tzinfo=zone)


@pytest.mark.parametrize(
    "text",
    ["10:23:45.123 CST Sat Nov 21 2026\n", "25:99:45.123 UTC Sat Nov 31 2026\n", "10:23:45.1 UTC Sat Xyz 1 2026"],
)
def test_a_clock_that_could_mean_several_times_is_not_compared(text):
    assert reading.clock("cisco_ios", text) is None


@pytest.mark.parametrize("topic", TOPICS)
@pytest.mark.parametrize(
    "filler", [" ", "\n", "a", "1 ", " \n", "+", "Switchover State : ", "Hardware Mode = Duplex\n"]
)
def test_a_hostile_text_costs_no_more_than_a_moment(topic, filler):
    text = filler * (300_000 // len(filler))
    began = process_time()
    for platform in PLATFORMS:
        reading.read(topic, platform, text)
        reading.clock(platform, text)
    reading.refused(text)
    assert process_time() - began < 10
