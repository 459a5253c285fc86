"""A device says that it did not take a command, and the evidence says so too."""

import pytest

from collectors.ssh.commands import platforms, refusal

REFUSED = [
    ("cisco_ios", "         ^\n% Invalid input detected at '^' marker.\n\n", "% Invalid input detected at '^' marker."),
    ("cisco_ios", "% Incomplete command.\n", "% Incomplete command."),
    ("cisco_ios", '% Ambiguous command:  "show i"\n', '% Ambiguous command:  "show i"'),
    ("cisco_xe", "Command authorization failed.\n", "Command authorization failed."),
    ("arista_eos", "% Invalid input (at token 1: 'foo')\n", "% Invalid input (at token 1: 'foo')"),
    ("arista_eos", "% Unavailable command (not supported on this hardware platform)\n", "% Unavailable command"),
    ("hp_comware", "       ^\n % Unrecognized command found at '^' position.\n", "% Unrecognized command found"),
    ("hp_comware", "Permission denied.\n", "Permission denied."),
    ("huawei_vrp", "        ^\nError: Unrecognized command found at '^' position.\n", "Error: Unrecognized command"),
    ("huawei_vrp", "        ^\nError:Too many parameters found at '^' position.\n", "Error:Too many parameters"),
    ("juniper_junos", "               ^\nsyntax error.\n", "syntax error."),
    ("juniper_junos", "error: command is not valid on the ex4300-48t\n", "error: command is not valid on the"),
    ("cisco_xr", "          ^\n% Invalid input detected at '^' marker.\n", "% Invalid input detected"),
    ("cisco_xr", "% This command is not authorized\n", "% This command is not authorized"),
    ("cisco_nxos", "                ^\n% Invalid command at '^' marker.\n", "% Invalid command at"),
    ("cisco_nxos", "Syntax error while parsing 'show foo'\n", "Syntax error while parsing"),
    ("cisco_nxos", "% Permission denied for the role\n", "% Permission denied for the role"),
    ("cisco_asa", "        ^\nERROR: % Invalid input detected at '^' marker.\n", "ERROR: % Invalid input detected"),
    ("cisco_asa", "ERROR: Command authorization failed\n", "ERROR: Command authorization failed"),
    ("nokia_sros", "           ^\nError: Bad command.\n", "Error: Bad command."),
    ("nokia_sros", f"MINOR: MGMT_CORE #{2201}: Unknown element\n", "MINOR: MGMT_CORE"),
    ("fortinet", "command parse error before 'foo'\nCommand fail. Return code -61\n", "command parse error before"),
    ("fortinet", "Unknown action 0\n", "Unknown action 0"),
    ("paloalto_panos", "Unknown command: foo\n", "Unknown command: foo"),
    ("paloalto_panos", "\nInvalid syntax.\n", "Invalid syntax."),
    ("mikrotik_routeros", "bad command name foo (line 1 column 1)\n", "bad command name foo"),
    ("mikrotik_routeros", "expected end of command (line 1 column 9)\n", "expected end of command"),
    ("ruijie_os", "       ^\n% Invalid input detected at '^' marker.\n", "% Invalid input detected"),
    ("ruijie_os", "% Unknown command.\n", "% Unknown command."),
    ("ruijie_os", "% User doesn't have sufficient privilege to execute this command.\n", "% User doesn't have"),
    ("zte_zxros", "         ^\n% Invalid input detected at '^' marker.\n", "% Invalid input detected"),
    ("zte_zxros", "%Error 20209: Incomplete command.\n", "%Error 20209: Incomplete command."),
    ("linux", "-bash: lldpctl: command not found\n", "-bash: lldpctl: command not found"),
    ("linux", "sh: 1: sensors: not found\n", "sh: 1: sensors: not found"),
    ("linux", "cat: /proc/net/bonding/bond0: No such file or directory\n", "cat: /proc/net/bonding/bond0: No such"),
    ("linux", "% Unknown command: show vrrp\n", "% Unknown command"),
]


@pytest.mark.parametrize(("platform", "head", "sentence"), REFUSED)
def test_a_refused_command_is_told_in_the_devices_own_words(platform, head, sentence):
    assert refusal(platform, head).startswith(sentence)
    assert refusal(platform, head.replace("\n", "\r\n")).startswith(sentence)
    assert refusal(platform, f"show something\r\n{head}").startswith(sentence)


@pytest.mark.parametrize("platform", sorted(platforms()))
@pytest.mark.parametrize(
    "head",
    [
        "",
        "\n\n",
        "Cisco IOS Software, C2960 Software\n",
        "% BGP not active\n",
        "one\ntwo\nthree\n% Invalid input detected at '^' marker.\nError: Unrecognized command\nsyntax error\n",
        "Nov 22 12:00:00 sw1: user typed % Invalid input detected at '^' marker.\n",
    ],
)
def test_an_answer_is_no_refusal_whatever_stands_further_down(platform, head):
    assert refusal(platform, head) == ""


def test_a_platform_that_is_not_known_refuses_nothing():
    assert refusal("", "% Invalid input") == refusal("toaster", "% Invalid input") == ""
