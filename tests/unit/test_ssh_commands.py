"""Topics become commands, and nothing else ever does. What each platform's data says is held together here."""

import io
import re

import pytest

from agent import locale
from agent.cases.case import EvidenceState
from agent.errors import RefusedError
from collectors.ssh import commands, guard
from collectors.ssh.scrub import Scrubber
from collectors.ssh.session import Output, Session

PLATFORMS = [
    "cisco_ios", "cisco_xe", "cisco_xr", "cisco_nxos", "cisco_asa", "huawei_vrp", "hp_comware", "juniper_junos",
    "arista_eos", "nokia_sros", "fortinet", "paloalto_panos", "mikrotik_routeros", "ruijie_os", "zte_zxros", "linux",
]  # fmt: skip
TOPICS = {
    "version", "uptime", "log", "interfaces", "interface", "transceivers", "cpu", "memory", "storage", "environment",
    "alarms", "inventory", "modules", "stack", "bgp", "bgp_peer", "ospf", "routes", "neighbours", "redundancy", "clock",
    "snmp", "restart", "configuration", "configuration_saved",
    "configuration_changes", "bfd", "lag", "licences", "tech",
}  # fmt: skip
INTERFACES = {"nokia_sros": "1/1/c2/1", "ruijie_os": "GigabitEthernet 0/1", "cisco_asa": "inside"}
# How a command begins that changes nothing, by platform; everything else is a mistake in the data.
READERS = {
    "huawei_vrp": r"display |compare configuration$|dir$",
    "hp_comware": r"display |dir$",
    "juniper_junos": r"show |request support information$",
    "nokia_sros": r"show |file (?:dir|list) cf3:$|admin (?:show configuration|display-config)$",
    "fortinet": r"(?:get|diagnose hardware|diagnose sys|diagnose lldprx neighbor) \w|show$"
    r"|diagnose netlink (?:interface|aggregate) list|diagnose debug crashlog read$|diagnose alertconsole list$"
    r"|execute (?:log display|sensor list|date|time|tac report)$",
    "mikrotik_routeros": r"/[a-z /-]+ print(?: |$)|/interface ethernet monitor \S+ once$|/tool profile duration=5$"
    r"|/export hide-sensitive$",
    "linux": r"(?:uname|cat|uptime|journalctl|tail|ethtool|free|sensors|df|ss|lsmod|mount|lscpu|lspci|lsblk|lldpctl)\b"
    r"|ip (?:-s |-d |-6 )*(?:link|address|route|rule|neighbour) show|top -b -n 1|vtysh -c \"show [a-z0-9. :-]+\"$"
    r"|date --iso-8601=seconds$|timedatectl --no-pager status$|systemctl --no-pager (?:status|list-units)"
    r"|dmesg --ctime$|last -x",
}
IOS_LIKE = r"show |dir(?: \S+)?$|admin show "


def test_the_sixteen_platforms_are_there():
    assert set(PLATFORMS) <= set(commands.platforms())


def test_every_platform_is_one_that_netmiko_can_log_in_to():
    from netmiko.ssh_dispatcher import CLASS_MAPPER

    for name in commands.platforms():
        assert commands.of(name).login in CLASS_MAPPER, name
    assert commands.of("huawei_vrpv8") == commands.of("huawei_vrp")
    assert commands.of("zte").login == "zte_zxros"


@pytest.mark.parametrize("platform", PLATFORMS)
def test_every_topic_has_commands_that_read_and_pass_the_guard(platform):
    known = commands.of(platform)
    assert set(known.topics) | set(known.none) == TOPICS and not set(known.topics) & set(known.none)
    name = INTERFACES.get(platform, "Gi0/1")
    for topic in sorted(known.topics):
        for peer in ("10.0.0.1", "2001:db8::1"):
            for line in guard.checked(platform, topic, {"interface": name, "peer": peer}).lines:
                assert re.match(READERS.get(platform, IOS_LIKE), line), line


@pytest.mark.parametrize("platform", PLATFORMS)
def test_every_form_in_the_data_is_whole(platform):
    known = commands.of(platform)
    for pattern in (known.prompt, known.interface, *known.pagers, *known.refusals):
        assert pattern and re.compile(pattern)
    assert known.refusals and known.prompt and 0 < known.refused_within <= 5
    assert all(0 < topic.seconds <= 1800 for topic in known.topics.values())
    assert known.topics["tech"].seconds >= 120
    assert all(len(key) == 1 for key in known.pagers.values())
    assert all(reason.endswith(".") for reason in known.none.values())


def test_only_paging_is_ever_turned_off():
    for platform in PLATFORMS:
        for line in commands.of(platform).paging_off:
            assert re.match(r"terminal |screen-length |set cli |environment (?:no )?more", line), line


@pytest.mark.parametrize(
    ("platform", "prompt"),
    [
        ("cisco_ios", "sw1#"),
        ("cisco_xe", "core-1.example>"),
        ("cisco_xr", "RP/0/RSP0/CPU0:pe1#"),
        ("cisco_nxos", "leaf-101#"),
        ("cisco_asa", "fw/pri/act#"),
        ("huawei_vrp", "<核心-1>"),
        ("huawei_vrp", "HRP_M<fw>"),
        ("hp_comware", "<H3C>"),
        ("juniper_junos", "netops@mx480-re0>"),
        ("arista_eos", "leaf1(s1)#"),
        ("nokia_sros", "*A:pe1#"),
        ("nokia_sros", "A:admin@pe1#"),
        ("fortinet", "fw1 (root) #"),
        ("paloalto_panos", "admin@fw1(active)>"),
        ("mikrotik_routeros", "[admin@MikroTik] >"),
        ("mikrotik_routeros", "[admin@MikroTik] /ip/address>"),
        ("ruijie_os", "Ruijie#"),
        ("zte_zxros", "ZXR10#"),
        ("linux", "root@web1:~#"),
    ],
)
def test_a_prompt_is_known_and_a_line_of_output_is_not_one(platform, prompt):
    form = commands.of(platform).prompt
    assert re.fullmatch(form, prompt)
    for line in ("Interface Gi0/1 is up, 12 packets", "", "% Invalid input", "Nov 22 12:00:00 sw1: something"):
        assert not re.fullmatch(form, line)


@pytest.mark.parametrize(
    ("platform", "last_line", "key"),
    [
        ("cisco_ios", " --More-- ", " "),
        ("cisco_asa", "<--- More --->", " "),
        ("huawei_vrp", "  ---- More ----", " "),
        ("hp_comware", "---- More ----", " "),
        ("juniper_junos", "---(more 14%)---", " "),
        ("nokia_sros", "Press any key to continue (Q to quit)", " "),
        ("fortinet", "--More-- ", " "),
        ("paloalto_panos", "lines 1-23/45 51%", " "),
        ("paloalto_panos", "(END)", "q"),
        ("mikrotik_routeros", "-- [Q quit|D dump|down]", " "),
        ("ruijie_os", " --More-- ", " "),
        ("zte_zxros", "--More--", " "),
    ],
)
def test_a_pager_is_known_with_the_key_that_goes_on(platform, last_line, key):
    pagers = commands.of(platform).pagers
    assert [answer for pattern, answer in pagers.items() if re.fullmatch(pattern, last_line)][:1] == [key]


def test_parameters_are_filled_in():
    assert commands.command("cisco_ios", "interface", {"interface": "Gi0/1"}).lines == ("show interface Gi0/1",)
    assert str(commands.command("cisco_ios", "bgp_peer", {"peer": "2001:DB8::1"})) == (
        "show bgp ipv6 unicast neighbors 2001:db8::1"
    )


def test_a_topic_that_a_platform_cannot_answer_says_why():
    with pytest.raises(RefusedError, match="Devices of this platform do not stack"):
        guard.checked("arista_eos", "stack", {})


def test_every_reason_is_said_in_chinese():
    for platform in PLATFORMS:
        for topic, why in commands.of(platform).none.items():
            with pytest.raises(RefusedError) as refused:
                guard.checked(platform, topic, {})
            said = locale.reword(str(refused.value), "zh_CN")
            assert why not in said and re.search(r"[\u4e00-\u9fff]", said) and topic in said


@pytest.mark.parametrize(
    ("topic", "parameters"),
    [
        ("interface", {}),
        ("interface", {"interface": "Gi0/1; reload"}),
        ("bgp_peer", {"peer": "x"}),
        ("bgp_peer", {"peer": "fe80::1%eth0"}),
        ("version", {"command": "reload"}),
        ("reload", {}),
    ],
)
def test_every_refusal_is_said_in_chinese(topic, parameters):
    for platform in ("", "toaster", "cisco_ios"):
        with pytest.raises(RefusedError) as refused:
            guard.checked(platform, topic, parameters)
        assert re.search(r"[\u4e00-\u9fff]", locale.reword(str(refused.value), "zh_CN"))
    for line in ("reload; reload", "reload"):
        with pytest.raises(RefusedError) as refused:
            guard.check("cisco_ios", line)
        assert re.search(r"[\u4e00-\u9fff]", locale.reword(str(refused.value), "zh_CN"))


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


@pytest.mark.parametrize("platform", ["", "toaster", "../linux"])
def test_a_platform_without_a_list_is_refused(platform):
    with pytest.raises(RefusedError, match="platform"):
        commands.command(platform, "version", {})


@pytest.mark.parametrize("platform", PLATFORMS)
def test_netmiko_takes_what_the_data_says_about_logging_in(platform):
    import netmiko

    known = commands.of(platform)
    made = netmiko.ConnectHandler(device_type=known.login, host="192.0.2.1", auto_connect=False, **known.arguments)
    assert getattr(made, "allow_auto_change", False) is False, "its preparation would change the configuration"


class Paged:
    """A device that prints a page, and the next one when its key is pressed."""

    closed = False

    def __init__(self, *pages: tuple[bytes, bytes]) -> None:
        self._pages = list(pages)  # (what opens it, what it prints)
        self._out = b""
        self.pressed: list[bytes] = []

    def settimeout(self, seconds: float) -> None: ...

    def get_transport(self) -> "Paged":
        return self

    def is_active(self) -> bool:
        return True

    def recv_ready(self) -> bool:
        return False

    def sendall(self, data: bytes) -> None:
        self.pressed.append(data)
        if self._pages and data == self._pages[0][0]:
            self._out += self._pages.pop(0)[1]

    def recv(self, most: int) -> bytes:
        if not self._out:
            raise TimeoutError
        out, self._out = self._out, b""
        return out


def test_each_platforms_own_pager_is_answered_with_its_own_key():
    device = Paged(
        (b"show x\n", b"show x\r\none\r\nlines 1-1 "),
        (b" ", b"\r\x1b[Ktwo\r\n(END)"),
        (b"q", b"\r\x1b[Kadmin@fw1> "),
    )
    file = io.BytesIO()
    session = Session(device, b"admin@fw1>", 1000, commands.of("paloalto_panos").pagers)
    ended = session.run("show x", 5, {}, Output(file, Scrubber()))
    assert ended.state is EvidenceState.DONE and device.pressed == [b"show x\n", b" ", b"q"]
    assert b"one\n" in file.getvalue() and b"two\n" in file.getvalue()
