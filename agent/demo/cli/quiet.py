"""What devices without OSPF, stacks, optics or core dumps print when they are asked for them: the same every time."""

# ruff: noqa: E501  (what a device prints is as wide as it is)

from agent.demo.cli.command import Answer, Commands, View


def _always(text: str) -> Answer:
    def answer(_view: View, _arguments: list[str]) -> str:
        return text

    return answer


def _all(*pairs: tuple[str, str]) -> Commands:
    return tuple((command, _always(text)) for command, text in pairs)


_OPTICS = (
    "If device is externally calibrated, only calibrated values are printed.\n++ : high alarm, +  : high warning\n"
)
_OPTICS += (
    "\n                             Optical   Optical\n           Temperature  Voltage  Tx Power  Rx Power\nPort\n"
)
_SNMP = "0 SNMP packets input\n    0 Bad SNMP version errors\n    0 Unknown community name\n0 SNMP packets output\nSNMP logging: disabled\n"

_CHANNELS = "Number of channel-groups in use: 0\nNumber of aggregators:           0\n"
_LICENCES = "Smart Licensing Status: Smart Licensing Using Policy is enabled\n\nLicense Usage:\n  network-advantage (C9500 Network Advantage): IN USE\n"

CISCO = _all(
    ("show interfaces transceiver detail", _OPTICS),
    ("show file systems", "File Systems:\n\n     Size(b)     Free(b)      Type  Flags  Prefixes\n*  11353194496  5840117760    disk     rw   flash:\n"),
    ("dir", "Directory of flash:/\n\n   11  -rw-  512000  Mar 4 2024 10:00:00 +00:00  packages.conf\n\n11353194496 bytes total (5840117760 bytes free)\n"),
    ("dir *", "Directory of flash:/\n\nNo files in directory\n\n11353194496 bytes total (5840117760 bytes free)\n"),
    ("show facility-alarm status", "System Totals  Critical: 0  Major: 0  Minor: 0\n"),
    ("show ospfv3 neighbor", ""),
    ("show bfd neighbors", ""),
    ("show etherchannel summary", _CHANNELS),
    ("show lacp neighbor", ""),
    ("show archive", "The maximum archive configurations allowed is 10.\nThere are currently 0 archive configurations saved.\n"),
    ("show archive log config all", ""),
    ("show license", "Index 1 Feature: network-advantage\n        Period left: Life time\n"),
    ("show license summary", _LICENCES),
    ("show license usage", _LICENCES),
    ("show snmp", _SNMP),
    ("show stacks", "Minimum process stacks:\n Free/Size   Name\n 5180/6000   Init\n\nInterrupt level stacks:\n"),
)  # fmt: skip
ARISTA = _all(
    ("show interfaces transceiver", _OPTICS),
    ("dir *", "Directory of flash:/\n\n       -rw-   729884122  Mar 4 10:00  EOS.swi\n\n3440762880 bytes total (1822113792 bytes free)\n"),
    ("show ip ospf neighbor", ""),
    ("show ip ospf interface brief", ""),
    ("show bfd peers", ""),
    ("show port-channel", "% There are no port-channels configured\n"),
    ("show lacp neighbor", ""),
    ("show aaa accounting logs", ""),
    ("show license", "System Serial Number: \n\nNo licenses installed\n"),
    ("show snmp", _SNMP),
    ("show reload cause", "Reload Cause 1:\n-------------------\nReload requested by the user.\n"),
    ("show running-config sanitized", "! Command: show running-config sanitized\nend\n"),
)  # fmt: skip
JUNIPER = _all(
    ("show system storage", "Filesystem              Size       Used      Avail  Capacity   Mounted on\n/dev/gpt/junos          6.0G       1.1G       4.4G       20%  /.mount\n"),
    ("show chassis hardware", "Hardware inventory:\nItem             Version  Part number  Serial number     Description\n"),
    ("show chassis fpc", "                     Temp  CPU Utilization (%)\nSlot State            (C)  Total  Interrupt\n  0  Online            36      9          0\n"),
    ("show chassis fpc pic-status", "Slot 0   Online\n  PIC 0  Online\n"),
    ("show ospf neighbor", "OSPF instance is not running\n"),
    ("show ospf interface", "OSPF instance is not running\n"),
    ("show ospf3 neighbor", "OSPF3 instance is not running\n"),
    ("show bfd session", "0 sessions, 0 clients\nCumulative transmit rate 0.0 pps, cumulative receive rate 0.0 pps\n"),
    ("show lacp interfaces", "warning: lacp subsystem not running - not needed by configuration.\n"),
    ("show system commit", "0   2024-03-04 10:00:00 UTC by netops via cli\n"),
    ("show system license", "License usage: none\n\nLicenses installed: none\n"),
    ("show snmp statistics", "SNMP statistics:\n  Input:\n    Packets: 0, Bad versions: 0\n"),
    ("show system core-dumps", "/var/crash/*core*: No such file or directory\n"),
)  # fmt: skip
