"""Nothing passes the guard but the platform's own list, whatever is written into a command."""

import re
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.errors import RefusedError
from collectors.ssh import commands, guard

PLATFORMS = sorted(commands.platforms())
INTERFACE, PEER = "Gi0/1", "10.0.0.1"


def lets_through(platform: str, line: str) -> bool:
    try:
        guard.check(platform, line)
    except RefusedError:
        return False
    return True


def templates(platform: str) -> set[str]:
    return {line for topic in commands.of(platform).topics.values() for line in (*topic.run, *topic.ipv6)}


def filled(platform: str) -> set[str]:
    return {line.replace("{interface}", INTERFACE).replace("{peer}", PEER) for line in templates(platform)}


LISTED = sorted((platform, line) for platform in PLATFORMS for line in filled(platform))


@pytest.mark.parametrize(
    "line",
    [
        "reload",
        "configure terminal",
        "show version\nreload",
        "show version\rreload",
        "show version\x00",
        "show version\x1b[A",
        "show version\x7f",
        "show version ",
        " show version",
        "show  version",
        "show\tversion",
        "show\u00a0version",
        "show versi\u043en",  # a Cyrillic o
        "\uff53how version",  # a full-width s
        "show version\u2028reload",
        "sh ver",
        "show ver",
        "show versio",
        "SHOW VERSION",
        "show version?",
        "!show version",
        "show version | redirect flash:x",
        "show version | include uptime | tee x",
        "show version > flash:x",
        "show version && reload",
        "show version; reload",
        "show version `reload`",
        "show version $(reload)",
        "show running-config | include password",
        "show interface Gi0/1 ; reload",
        "show interface Gi0/1 | begin x",
        "show interface Gi0/1 Gi0/2",
        "show interface {interface}",
        "show ip bgp neighbors 10.0.0.1/8",
        "show ip bgp neighbors 010.0.0.1",
        "show ip bgp neighbors all",
        "do reload",
        "write memory",
        "",
    ],
)
def test_the_guard_lets_nothing_else_through(line):
    assert not lets_through("cisco_ios", line)


@pytest.mark.parametrize(
    ("platform", "line"),
    [
        ("mikrotik_routeros", "/system reboot"),
        ("mikrotik_routeros", '/interface print detail without-paging where name="ether1" ; /system reboot'),
        ("mikrotik_routeros", '/interface print detail without-paging where name="[/system reboot]"'),
        ("mikrotik_routeros", "/export file=x"),
        ("linux", "cat /etc/shadow"),
        ("linux", "date --iso-8601=seconds -s 12:00"),
        ("linux", 'vtysh -c "show bgp summary" -c "clear bgp *"'),
        ("fortinet", "execute date 2026-11-22"),
        ("fortinet", "execute reboot"),
        ("fortinet", "config system console"),
        ("nokia_sros", "admin reboot now"),
        ("nokia_sros", "file delete cf3:/bof.cfg"),
        ("paloalto_panos", "set cli config-output-format set"),
        ("juniper_junos", "request system reboot"),
        ("juniper_junos", "request support information | save x"),
        ("huawei_vrp", "display diagnostic-information x.txt"),
        ("cisco_xr", "show tech-support"),
    ],
)
def test_what_writes_on_a_platform_does_not_pass_there(platform, line):
    assert not lets_through(platform, line)


def test_the_list_itself_passes_and_only_on_its_own_platform():
    assert all(lets_through(platform, line) for platform, line in LISTED)
    assert not lets_through("huawei_vrp", "show version") and not lets_through("linux", "display version")
    with pytest.raises(RefusedError):
        guard.check("toaster", "show version")


@given(st.sampled_from(LISTED), st.text(min_size=1, max_size=20), st.integers(0, 200), st.integers(0, 5))
def test_a_listed_command_that_is_changed_anywhere_is_refused(listed, text, at, removed):
    platform, line = listed
    changed = line[:at] + text + line[at + removed :]
    if lets_through(platform, changed):
        assert changed in filled(platform) or fits_a_template(platform, changed)


@given(
    st.sampled_from(PLATFORMS),
    st.text(max_size=60) | st.from_regex(r"[a-z]{1,8}( [a-z./:-]{1,12}){0,5}", fullmatch=True),
)
def test_whatever_is_not_on_the_list_is_refused(platform, line):
    assert not lets_through(platform, line) or line in filled(platform) or fits_a_template(platform, line)


def fits_a_template(platform: str, line: str) -> bool:
    """Written again, without the guard's own code: the words stand one for one, parameters are one name or address."""
    return any(_fits(platform, template, line) for template in templates(platform) if "{" in template)


def _fits(platform: str, template: str, line: str) -> bool:
    before, _, rest = template.partition("{")
    name, _, after = rest.partition("}")
    if not (line.startswith(before) and line.endswith(after) and len(line) > len(before) + len(after)):
        return False
    value = line[len(before) : len(line) - len(after)]
    if name == "peer":
        return str(ip_address(value)) == value
    odd = set(value) - set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_/:@.-")
    return not odd or (platform == "ruijie_os" and odd == {" "} and value.count(" ") == 1)


@given(st.text(max_size=40))
def test_no_text_as_an_interface_makes_a_second_command(text):
    for platform in PLATFORMS:
        try:
            lines = guard.checked(platform, "interface", {"interface": text}).lines
        except RefusedError:
            continue
        for line in lines:
            assert re.fullmatch(r'[A-Za-z0-9 ./:@_="-]+', line) and len(line) < 200


@given(st.text(max_size=60) | st.ip_addresses().map(str))
def test_no_text_as_a_peer_is_anything_but_an_address(text):
    for platform in PLATFORMS:
        try:
            command = guard.checked(platform, "bgp_peer", {"peer": text})
        except RefusedError:
            continue
        written = str(ip_address(text))
        uses = any("{peer}" in line for line in commands.of(platform).topics["bgp_peer"].run)
        assert not uses or all(written in line for line in command.lines)


def test_no_template_holds_a_sign_that_the_guard_forbids():
    for platform in PLATFORMS:
        for line in templates(platform):
            assert not re.search(r"[^\x20-\x7e]|[;&<>`$\\!?*#()\[\]'~^%]", line), line
            assert line == " ".join(line.split()), line
