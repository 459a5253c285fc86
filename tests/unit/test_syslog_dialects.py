# ruff: noqa: E501
"""A line of every vendor's making: who, what, how bad, about what."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent.observation import Subject
from collectors.syslog import dialects, patterns
from collectors.syslog.listener import event

NOW = datetime(2026, 11, 22, 1, 2, 10, tzinfo=UTC)
AT = datetime(2026, 11, 22, 1, 2, 3, tzinfo=UTC)

# vendor: (line, mnemonic, host, severity, event, subject); the time of each is AT, or none where the line tells none
LINES = {
    "Cisco IOS XE": [
        ("<187>88: edge: Nov 22 2026 01:02:03.456 UTC: %IOSXE_PEM-3-PEMFAIL: The PEM in slot PS1 is switched off or encountering a failure condition.", "IOSXE_PEM-3-PEMFAIL", "edge", "error", "power_failed", "power_supply:1"),
        ("<189>89: edge: Nov 22 01:02:03 XYZ: %OIR-6-REMCARD: Card removed from slot 3, interfaces disabled", "OIR-6-REMCARD", "edge", "info", "module_removed", "module:3"),
        ("<189>90: Nov 22 01:02:03.456 XYZ: %OSPF-5-ADJCHG: Process 1, Nbr 10.0.0.9 on GigabitEthernet0/0/1 from FULL to DOWN, Neighbor Down: Dead timer expired", "OSPF-5-ADJCHG", "", "notice", "ospf_down", "ospf_neighbour:10.0.0.9"),
        ("<189>91: 2w3d: %LINK-3-UPDOWN: Interface Vlan10, changed state to up", "LINK-3-UPDOWN", "", "error", "link_up", "interface:Vlan10"),
        ("<189>92: Nov 22 01:02:03: %SEC_LOGIN-4-LOGIN_FAILED: Login failed [user: bob] [Source: 10.0.0.5] [localport: 22] [Reason: Login Authentication Failed]", "SEC_LOGIN-4-LOGIN_FAILED", "", "warning", "auth_failed", ""),
    ],
    "Cisco IOS XR": [
        ("<187>100: RP/0/RSP0/CPU0:Nov 22 01:02:03.123 UTC: ifmgr[245]: %PKT_INFRA-LINK-3-UPDOWN : Interface GigabitEthernet0/0/0/1, changed state to Down", "PKT_INFRA-LINK-3-UPDOWN", "", "error", "link_down", "interface:GigabitEthernet0/0/0/1"),
        ("<189>102: XR-PE1 RP/0/RSP0/CPU0:Nov 22 01:02:03.123 UTC: config[65727]: %MGBL-CONFIG-6-DB_COMMIT : Configuration committed by user 'admin'. Use 'show configuration commit changes 1' to view the changes.", "MGBL-CONFIG-6-DB_COMMIT", "XR-PE1", "info", "config_changed", ""),
        ("<189>103: XR-PE1 RP/0/RSP0/CPU0:Nov 22 01:02:03.123 UTC: bgp[1052]: %ROUTING-BGP-5-ADJCHANGE : neighbor 10.0.0.1 Down - Interface flap (VRF: default)", "ROUTING-BGP-5-ADJCHANGE", "XR-PE1", "notice", "bgp_down", "bgp_peer:10.0.0.1"),
    ],
    "Cisco NX-OS": [
        ("<189>2026 Nov 22 01:02:03 leaf-2 %OSPF-5-ADJCHANGE: ospf-100 [7243] Nbr 10.0.13.2 on Ethernet1/49 went DOWN", "OSPF-5-ADJCHANGE", "leaf-2", "notice", "ospf_down", "ospf_neighbour:10.0.13.2"),
        ("<186>: 2026 Nov 22 01:02:03 UTC: %PLATFORM-2-PS_FAIL: Power supply 2 failed or shut down (Serial No. X)", "PLATFORM-2-PS_FAIL", "", "critical", "power_failed", "power_supply:2"),
    ],
    "Cisco ASA": [
        ("<164>Nov 22 2026 01:02:03 fw2 : %ASA-4-411002: Line protocol on Interface outside, changed state to down", "ASA-4-411002", "fw2", "warning", "link_down", "interface:outside"),
        ("<161>Nov 22 2026 01:02:03: %ASA-1-104001: (Secondary) Switching to ACTIVE - no failover message from peer", "ASA-1-104001", "", "alert", "failover", ""),
    ],
    "Cisco AireOS": [
        ("<131>wlc1: *dot1xMsgTask: Nov 22 01:02:03.456: #DOT1X-3-ABORT_AUTH: 1x_auth_pae.c:2950 Authentication aborted", "DOT1X-3-ABORT_AUTH", "wlc1", "error", "", None),
    ],
    "Ruijie": [
        ("<187>Nov 22 01:02:03 Ruijie %LINK-3-UPDOWN: Interface GigabitEthernet 0/1, changed state to down.", "LINK-3-UPDOWN", "Ruijie", "error", "link_down", "interface:GigabitEthernet 0/1"),
        ("<189>*Nov 22 01:02:03: RG-S6 %LINEPROTO-5-UPDOWN: Line protocol on Interface TenGigabitEthernet 1/0/1, changed state to up.", "LINEPROTO-5-UPDOWN", "RG-S6", "notice", "link_up", "interface:TenGigabitEthernet 1/0/1"),
    ],
    "Arista": [
        ("<187>Nov 22 01:02:03 leaf1 Ebra: %LINEPROTO-5-UPDOWN: Line protocol on Interface Ethernet5 (to spine (east), 10G), changed state to down", "LINEPROTO-5-UPDOWN", "leaf1", "notice", "link_down", "interface:Ethernet5"),
        ("<189>Nov 22 01:02:03 leaf1 ConfigAgent: %SYS-5-CONFIG_I: Configured from console by admin on vty3 (10.0.0.5)", "SYS-5-CONFIG_I", "leaf1", "notice", "config_changed", ""),
        ("<187>Nov 22 01:02:03 leaf1 Bgp: %BGP-3-NOTIFICATION: received from neighbor 10.0.0.2 (VRF default AS 65002) 4/0 (Hold Timer Expired Error/Unspecific) 0 bytes", "BGP-3-NOTIFICATION", "leaf1", "error", "bgp_down", "bgp_peer:10.0.0.2"),
    ],
    "Huawei": [
        ("<188>Nov 22 2026 01:02:03 core %%01OSPF/3/NBR_CHG_DOWN(l)[14]:Neighbor event:neighbor state changed to Down. (ProcessId=1, NeighborAddress=10.0.0.2, NeighborEvent=KillNbr, NeighborPreviousState=Full, NeighborCurrentState=Down)", "OSPF/3/NBR_CHG_DOWN", "core", "error", "ospf_down", "ospf_neighbour:10.0.0.2"),
        ("<185>Nov 22 2026 09:02:03+08:00 ce1 %%01IFNET/1/linkDown_active(l):CID=0x80fa0002-alarmID=0x08520003;The interface status changes. (ifName=10GE1/0/24, AdminStatus=UP, OperStatus=DOWN)", "IFNET/1/linkDown_active", "ce1", "alert", "link_down", "interface:10GE1/0/24"),
        ("<188>Nov 22 2026 01:02:03 core %%01IFNET/4/IF_STATE(l)[18]:Interface GigabitEthernet0/0/3 has turned into DOWN state.", "IFNET/4/IF_STATE", "core", "warning", "link_down", "interface:GigabitEthernet0/0/3"),
        ("<190>Nov 22 2026 01:02:03 core %%01AAA/6/LOCALACCOUNT_LOGIN(s)[15]:Local account admin login succeeded. (UserIp=10.1.0.5, UserName=admin)", "AAA/6/LOCALACCOUNT_LOGIN", "core", "info", "login", ""),
    ],
    "H3C": [
        ("<189>Nov 22 01:02:03 2026 H3C %%10OSPF/5/OSPF_NBR_CHG: OSPF 1 Neighbor 10.0.0.2(Vlan-interface10) changed from FULL to DOWN.", "OSPF/5/OSPF_NBR_CHG", "H3C", "notice", "ospf_down", "ospf_neighbour:10.0.0.2"),
        ("<187>Nov 22 01:02:03 2026 H3C %%10DEV/3/FAN_FAILED: Fan 2 failed.", "DEV/3/FAN_FAILED", "H3C", "error", "fan_failed", "fan:2"),
        ("<187>Nov 22 01:02:03 2026 H3C %%10IFNET/3/PHY_UPDOWN: -DevIP=10.0.0.3; Physical state on the interface Ten-GigabitEthernet1/0/49 changed to up.", "IFNET/3/PHY_UPDOWN", "H3C", "error", "link_up", "interface:Ten-GigabitEthernet1/0/49"),
    ],
    "Junos": [
        ('<28>1 2026-11-22T01:02:03.123Z mx1 mib2d 2424 SNMP_TRAP_LINK_DOWN [junos@2636.1.1.1.2.18 snmp-interface-index="502" admin-status="up(1)" operational-status="down(2)" interface-name="xe-0/0/0"] ifIndex 502, ifAdminStatus up(1), ifOperStatus down(2), ifName xe-0/0/0', "SNMP_TRAP_LINK_DOWN", "mx1", "warning", "link_down", "interface:xe-0/0/0"),
        ("<188>Nov 22 01:02:03 mx1 chassisd[1509]: CHASSISD_FRU_OFFLINE_NOTICE: Taking PEM 1 offline: Removal", "CHASSISD_FRU_OFFLINE_NOTICE", "mx1", "warning", "module_removed", "module:PEM 1"),
        ("<28>Nov 22 01:02:03 mx1 rpd[1]: RPD_OSPF_NBRDOWN: OSPF neighbor 10.0.12.2 (realm ospf-v2 xe-0/0/1.0 area 0.0.0.0) state changed from Full to Down due to InactivityTimer", "RPD_OSPF_NBRDOWN", "mx1", "warning", "ospf_down", "ospf_neighbour:10.0.12.2"),
    ],
    "Nokia SR OS": [
        ("<188>Nov 22 01:02:03 pe3 TMNX: 169 Base SNMP-WARNING-linkDown-2004 [1/1/c1/1]:  Interface 1/1/c1/1 is not operational", "SNMP-WARNING-linkDown-2004", "pe3", "warning", "link_down", "interface:1/1/c1/1"),
        ("<187>Nov 22 01:02:03 10.0.0.1 TMNX: 17 Base BGP-WARNING-bgpBackwardTransNotification-2002 [Peer 1: 10.0.0.2]:  (ASN 65000) VR 1: Group x: moved from higher state ESTABLISHED to lower state IDLE due to event HOLDTIME", "BGP-WARNING-bgpBackwardTransNotification-2002", "10.0.0.1", "error", "bgp_down", "bgp_peer:10.0.0.2"),
        ("TMNX: 18 Base PORT-MINOR-portDown-2005 [Port 1/1/1]:  Link down", "PORT-MINOR-portDown-2005", "", "error", "link_down", "interface:1/1/1"),
        ("<188>Nov 22 01:02:03 pe3 TMNX: 19 Base OSPF-WARNING-tmnxOspfNgNbrStateChange-2056 [VR: 1 OSPFv2 Inst: 0]:  LCL_RTR_ID 10.0.0.1: Neighbor 10.0.0.2 on to-r2 router state changed to down (event KILL_NBR)", "OSPF-WARNING-tmnxOspfNgNbrStateChange-2056", "pe3", "warning", "ospf_down", "ospf_neighbour:10.0.0.2"),
    ],
    "FortiGate": [
        ('<188>date=2026-11-22 time=09:02:03 devname="FGT-HQ" devid="FGT1" tz="+0800" logid="0100020022" type="event" subtype="system" level="warning" vd="root" logdesc="Interface status changed" action="interface-stat-change" status="DOWN" interface="port3" msg="Interface port3 changed status to DOWN."', "0100020022", "FGT-HQ", "warning", "link_down", "interface:port3"),
        ('<188>date=2026-11-22 time=01:02:03 devname="FGT-HQ" logid="0103020300" type="event" subtype="router" level="warning" logdesc="BGP neighbor status changed" msg="BGP: %BGP-5-ADJCHANGE: VRF 0 neighbor 10.10.10.2 Down Hold Timer Expired"', "0103020300", "FGT-HQ", "warning", "bgp_down", "bgp_peer:10.10.10.2"),
        ('<185>date=2026-11-22 time=01:02:03 devname="FGT-HQ" logid="0100032002" type="event" subtype="system" level="alert" logdesc="Admin login failed" action="login" status="failed" user="root" msg="Administrator root login failed"', "0100032002", "FGT-HQ", "alert", "auth_failed", ""),
    ],
    "PAN-OS": [
        ('<12>Nov 22 01:02:03 PA-220 1,2026/11/22 01:02:03,012801012345,SYSTEM,port,0,2026/11/22 01:02:03,,link-change,ethernet1/4,0,0,general,informational,"Port ethernet1/4: Down 1Gb/s-full duplex",123,0x0', "link-change", "PA-220", "warning", "link_down", "interface:ethernet1/4"),
        ('<11>Nov 22 01:02:03 PA-220 1,2026/11/22 01:02:03,012801012345,SYSTEM,routing,0,2026/11/22 01:02:03,,routed-BGP-peer-left-established,ISP-1,0,0,routed,high,"BGP peer session left established state. peer name: ISP-1, peer IP: 192.0.2.1.",124,0x0', "routed-BGP-peer-left-established", "PA-220", "error", "bgp_down", "bgp_peer:192.0.2.1"),
        ('1,2026/11/22 01:02:03,012801012345,SYSTEM,general,0,2026/11/22 01:02:03,,general,,0,0,general,critical,"x"', "general", "", "critical", "", None),
        ("<14>Nov 22 01:02:03 PA-220 1,2026/11/22 01:02:03,012801012345,CONFIG,0,2561,2026/11/22 01:02:03,10.0.0.5,,set,admin,Web,Succeeded, network", "CONFIG", "PA-220", "info", "config_changed", ""),
    ],
    "MikroTik": [
        ("<30>Nov 22 01:02:03 RB4011 interface,info ether5 link down", "interface", "RB4011", "info", "link_down", "interface:ether5"),
        ("<30>interface,info ether5 link up (speed 1G, full duplex)", "interface", "", "info", "link_up", "interface:ether5"),
        ("<28>Nov 22 01:02:03 RB4011 system,error,critical login failure for user root from 10.0.0.9 via ssh", "system", "RB4011", "critical", "auth_failed", ""),
        ("<30>Nov 22 01:02:03 RB4011 system,info,account user admin logged in from 10.0.0.5 via winbox", "system", "RB4011", "info", "login", ""),
        ("<30>Nov 22 01:02:03 RB4011 route,ospf,info OSPFv2 neighbor 10.0.0.7: state change from Full to Down", "route,ospf", "RB4011", "info", "ospf_down", "ospf_neighbour:10.0.0.7"),
    ],
    "ZTE": [
        ("<188>Nov 22 01:02:03 2026 ZXR10 An alarm 19712 ID 12 level 5 occurred at 01:02:03 11-22-2026 sent by ZXR10 MPU-0/20/0 %IFM% The interface gei-0/1/0/1 turned into DOWN state", "19712", "ZXR10", "warning", "link_down", "interface:gei-0/1/0/1"),
        ("<188>An alarm 19712 ID 12 level 5 cleared at 01:03:03 11-22-2026 sent by ZXR10 MPU-0/20/0 %IFM% The interface gei-0/1/0/1 turned into DOWN state", "19712", "", "warning", "link_up", "interface:gei-0/1/0/1"),
        ("<187>Nov 22 01:02:03 zx alarm 6 occurred. %ENVIRONMENT% Rack fan 1 wrong sent by UPC(MPU) 1", "6", "zx", "error", "fan_failed", "fan:1"),
    ],
    "Linux": [
        ("<3>Nov 22 01:02:03 er4 kernel: [ 9812.100211] eth1: link down", "", "er4", "error", "link_down", "interface:eth1"),
        ("<38>Nov 22 01:02:03 2001:db8::10 sshd[2200]: Accepted publickey for deploy from 2001:db8::5 port 50222 ssh2", "", "2001:db8::10", "info", "login", ""),
        ("<30>Nov 22 01:02:03 r1 ospfd[7]: [Q1Q1Q-ABCDE] %ADJCHG: Nbr 10.0.0.3(eth1) on eth1 from Full to Deleted (KillNbr)", "ADJCHG", "r1", "info", "ospf_down", "ospf_neighbour:10.0.0.3"),
        ("<30>Nov 22 01:02:03 r1 ospfd[7]: [Q1Q1Q-ABCDE] AdjChg: Nbr 10.255.0.2, NbrIP 10.0.12.2 (default) on eth1:10.0.12.1: Full -> Deleted (KillNbr)", "", "r1", "info", "ospf_down", "ospf_neighbour:10.0.12.2"),
    ],
    "Aruba": [
        ("<190>1 2026-11-22T01:02:03.512004+00:00 CX6300 intfd 1633 - - Event|403|LOG_INFO|AMM|1/1|Link status for interface 1/1/24 is down", "403", "CX6300", "info", "link_down", "interface:1/1/24"),
        ('<190>1 2026-11-22T01:02:03.123+00:00 CX6300 intfd 1633 - [origin enterpriseId="47196"] Event|404|LOG_INFO|AMM|1/1|Link status for interface 1/1/5 is up', "404", "CX6300", "info", "link_up", "interface:1/1/5"),
        ("<185>1 2026-11-22T01:02:03.000Z CX6300 ops-switchd 1432 - - Event|1105|LOG_CRIT|AMM|1/1|Power supply 2 in slot 1/1 failed", "1105", "CX6300", "alert", "power_failed", "power_supply:2"),
        ("<14> Nov 22 01:02:03 10.1.0.20 00077 ports: port 24 is now off-line", "00077", "10.1.0.20", "info", "link_down", "interface:24"),
        ("<14>Nov 22 01:02:03 00076 ports: port A1 is now on-line", "00076", "", "info", "link_up", "interface:A1"),
        ("<131>Nov 22 01:02:03 2026 MD-1 authmgr[4211]: <522275> <4211> <ERRS> <MD-1 10.1.1.11>  User Authentication failed. username=bob", "522275", "MD-1", "error", "auth_failed", ""),
    ],
    "Dell": [
        ("<165>1 2026-11-22T01:02:03.616888+00:00 os10 dn_alm 669 - - Node.1-Unit.1:PRI [event], Dell EMC (OS10) %IFM_OSTATE_DN: Interface operational state is down :ethernet1/1/12", "IFM_OSTATE_DN", "os10", "notice", "link_down", "interface:ethernet1/1/12"),
        ("<189>Nov 22 01:02:03: %STKUNIT0-M:CP %IFMGR-5-OSTATE_DN: Changed interface state to down: Te 0/1", "IFMGR-5-OSTATE_DN", "", "notice", "link_down", "interface:Te 0/1"),
        ("<189> Nov 22 01:02:03 10.201.1.110-1 TRAPMGR[trapTask]: traputil.c(721) 29331 %% NOTE Link Down: Gi1/0/1", "TRAPMGR", "10.201.1.110-1", "notice", "link_down", "interface:Gi1/0/1"),
    ],
    "Brocade": [
        ("<14>Nov 22 01:02:03 icx System: Interface ethernet 1/1/5, state down", "", "icx", "info", "link_down", "interface:ethernet 1/1/5"),
        ("<188>raslogd: 2026/11/22-01:02:03, [EM-1049], 2387, FID 128, WARNING, san1, FRU Power Supply 2 removed.", "EM-1049", "san1", "warning", "power_failed", "power_supply:2"),
    ],
    "Extreme": [
        ("<30>Nov 22 01:02:03 x460 <Info:vlan.msgs.portLinkStateDown> Port 1:5 link down", "vlan.msgs.portLinkStateDown", "x460", "info", "link_down", "interface:1:5"),
        ("<30>Nov 22 01:02:03 x460 vlan: <Info:vlan.msgs.portLinkStateUp> Slot-1: Port 1:5 link UP at speed 1 Gbps", "vlan.msgs.portLinkStateUp", "x460", "info", "link_up", "interface:1:5"),
        ("<190>Nov 22 01:02:03 voss CP1  [11/22/26 01:02:03.123:UTC] 0x00004600 00000000 GlobalRouter HW INFO Link Down(1/1)", "HW-0x00004600", "voss", "info", "link_down", "interface:1/1"),
    ],
    "Cisco Meraki": [
        ("<134>1 1795309323.123456789 MS220 events port 3 status changed from 1Gfdx to down", "", "MS220", "info", "link_down", "interface:3"),
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("line", "mnemonic", "host", "severity", "name", "subject"),
    [pytest.param(*line, id=f"{vendor} {number}") for vendor, lines in LINES.items() for number, line in enumerate(lines, 1)],
)  # fmt: skip
def test_a_line_tells_who_what_and_about_what(line, mnemonic, host, severity, name, subject):
    read = event(line.encode(), NOW, "192.0.2.1", "d1")
    told = (read.mnemonic, read.data.get("host", ""), read.severity.value, read.name)
    assert told == (mnemonic, host, severity, name)
    wanted = None if subject is None else Subject.parse(f"d1/{subject}") if subject else Subject("d1")
    assert read.subject == wanted
    assert read.stamped is None or abs(read.stamped - AT).total_seconds() < 1
    told_one = "01:02:03" in line or "09:02:03" in line or "17953093" in line
    assert (read.stamped is not None) == (told_one and " occurred at " not in line[:60])


def test_every_event_is_named_in_the_reference_and_every_name_in_it_is_told():
    page = (Path(__file__).parents[2] / "docs" / "reference" / "syslog.md").read_text("utf-8")
    table = page.partition("## Events")[2]
    told = {rule.name for rules in patterns.rules().values() for rule in rules} | {"storm", "storm_over"}
    documented = {
        word.strip("` ") for row in table.splitlines() if row.startswith("| `") for word in row.split("|")[1].split(",")
    }
    assert documented == told


def test_every_repetition_in_the_data_is_bounded():
    """So that no line, however made, costs more than a bounded search."""
    every = [rule.text.pattern for rules in patterns.rules().values() for rule in rules]
    every += [dialect.tag.pattern for dialect in dialects.dialects()]
    unbounded = re.compile(r"(?<![\\}])[*+]|\{\d+,\}")  # `}+` is possessive, and bounded
    plain = [re.sub(r"\[(?:\\.|[^\]])*\]", "[]", pattern) for pattern in every]
    assert [pattern for pattern in plain if unbounded.search(pattern)] == []
