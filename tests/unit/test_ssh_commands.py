"""Topics become commands, and nothing else ever does."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.errors import RefusedError
from collectors.ssh import commands, guard

PLATFORMS = ["cisco_ios", "cisco_xe", "huawei_vrp", "hp_comware", "juniper_junos", "arista_eos", "linux"]
TOPICS = {
    "version", "log", "interfaces", "interface", "cpu", "memory", "environment", "bgp", "bgp_peer", "routes",
    "neighbours", "redundancy", "clock", "configuration_saved", "uptime", "tech",
}  # fmt: skip
PARAMETERS = {"interface": "Gi0/1", "peer": "10.0.0.1"}
READERS = (
    "show", "display", "compare configuration", "request support information", "uname", "cat", "uptime", "journalctl",
    "tail", "ip -s", "ip -6 route show", "ip address show", "ip route show", "ip rule show", "ip neighbour show",
    "ethtool", "top -b", "free", "sensors", 'vtysh -c "show', "lldpctl", "date --iso", "timedatectl --no-pager status",
    "df", "mount", "lsmod", "ss ", "systemctl --no-pager status", "dmesg --ctime",
)  # fmt: skip


def test_the_seven_platforms_are_there():
    assert set(PLATFORMS) <= set(commands.platforms())


def test_every_platform_is_one_that_netmiko_can_log_in_to():
    from netmiko.ssh_dispatcher import CLASS_MAPPER

    assert set(commands.platforms()) <= set(CLASS_MAPPER)
    assert commands.of("huawei_vrpv8") == commands.of("huawei_vrp")


@pytest.mark.parametrize("platform", PLATFORMS)
def test_every_topic_has_commands_that_read_and_pass_the_guard(platform):
    missing = TOPICS - set(commands.of(platform).topics)
    assert missing == ({"configuration_saved"} if platform == "linux" else set())
    for topic in sorted(TOPICS - missing):
        for peer in ("10.0.0.1", "2001:db8::1"):
            for line in guard.checked(platform, topic, PARAMETERS | {"peer": peer}).lines:
                assert line.startswith(READERS), line


def test_parameters_are_filled_in():
    assert commands.command("cisco_ios", "interface", {"interface": "Gi0/1"}).lines == ("show interface Gi0/1",)
    assert str(commands.command("cisco_ios", "bgp_peer", {"peer": "2001:DB8::1"})) == (
        "show bgp ipv6 unicast neighbors 2001:db8::1"
    )


@pytest.mark.parametrize(
    ("topic", "parameters", "says"),
    [
        ("interface", {}, "needs to be told: interface"),
        ("interface", {"interface": "Gi0/1\nreload"}, "no interface name"),
        ("interface", {"interface": "Gi0/1 | redirect flash:x"}, "no interface name"),
        ("interface", {"interface": "$(reboot)"}, "no interface name"),
        ("interface", {"interface": "-rf"}, "no interface name"),
        ("interface", {"interface": "a/../../etc/passwd"}, "no interface name"),
        ("interface", {"interface": "接口"}, "no interface name"),
        ("bgp_peer", {"peer": "10.0.0.1; reload"}, "no IP address"),
        ("bgp_peer", {"peer": "fe80::1%eth0"}, "zone"),
        ("version", {"command": "reload"}, "take no parameter"),
        ("reload", {}, "There is no command for"),
    ],
)
def test_what_does_not_fit_is_refused_with_a_reason(topic, parameters, says):
    with pytest.raises(RefusedError, match=says):
        guard.checked("cisco_ios", topic, parameters)


@pytest.mark.parametrize("platform", ["", "cisco_nxos", "../linux"])
def test_a_platform_without_a_list_is_refused(platform):
    with pytest.raises(RefusedError, match="platform"):
        commands.command(platform, "version", {})


@pytest.mark.parametrize(
    "line",
    [
        "reload",
        "configure terminal",
        "show version\nreload",
        "show version ",
        "show version | redirect flash:x",
        "show version | include uptime | tee x",
        "show running-config",
        "show interface Gi0/1 ; reload",
        "show interface Gi0/1 | begin x",
        "write memory",
        "",
    ],
)
def test_the_guard_lets_nothing_else_through(line):
    with pytest.raises(RefusedError):
        guard.check("cisco_ios", line)


@given(st.text(max_size=40))
def test_no_text_as_an_interface_makes_a_second_command(text):
    for platform in PLATFORMS:
        try:
            lines = guard.checked(platform, "interface", {"interface": text}).lines
        except RefusedError:
            continue
        for line in lines:
            assert re.fullmatch(r"[A-Za-z0-9 ./:@_-]+", line)
