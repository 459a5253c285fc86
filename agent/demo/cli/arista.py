"""Arista EOS."""

# ruff: noqa: E501  (what a device prints is as wide as it is)

from agent.demo import wording
from agent.demo.cli import bulk, quiet
from agent.demo.cli.command import PLANTED, Commands, View, mac, rates, since
from agent.demo.state import Port

_REFUSED = "% Invalid input (privileged mode required)\n"


def _version(view: View, _: list[str]) -> str:
    it, box = view.box.hardware, view.box
    used, total = box.memory_bytes(view.now)
    return (
        f"Arista {it.model}-F\nHardware version:    02.00\nSerial number:       {box.serial}\nHardware MAC address: {mac(box.mac, 'dot')}\n"
        f"System MAC address:  {mac(box.mac, 'dot')}\n\nSoftware image version: {it.version}\nArchitecture:           i686\n"
        f"Internal build version: {it.version}-33818091\n\nUptime:                 {_uptime(view)}\n"
        f"Total memory:           {total >> 10} kB\nFree memory:            {(total - used) >> 10} kB\n\n"
    )


def _uptime(view: View) -> str:
    return "{} weeks, {} days, {} hours and {} minutes".format(*view.uptime())


def _show_uptime(view: View, _: list[str]) -> str:
    seconds = int(view.box.uptime(view.now))
    load = view.box.cpu_pct(view.now) / 50
    return f" {view.clock:%H:%M:%S} up {seconds // 86400} days, {seconds // 3600 % 24:2d}:{seconds // 60 % 60:02d},  1 user,  load average: {load:.2f}, {load:.2f}, {load:.2f}\n"


def _log(view: View, _: list[str]) -> str:
    lines = "".join(f"{wording.printed(view.box, line)}\n" for line in view.box.log)
    return f"Syslog logging: enabled\n    Buffer logging: level debugging\n    Trap logging: level informational\n\nLog Buffer:\n{lines}"


def _interface_text(view: View, port: Port) -> str:
    received, sent = rates(port, view.now)
    line = "up" if port.up else "down" if port.admin else "administratively down"
    return (
        f"{port.descr} is {line}, line protocol is {'up (connected)' if port.up else 'down (notconnect)' if port.admin else 'down (disabled)'}\n"
        f"  Hardware is Ethernet, address is {mac(port.mac, 'dot')} (bia {mac(port.mac, 'dot')})\n"
        + (f"  Description: {port.alias}\n" if port.alias else "")
        + (f"  Internet address is {port.address}/{port.prefix}\n" if port.address else "")
        + f"  Ethernet MTU 9214 bytes, BW {port.speed // 1000} kbit\n  Full-duplex, {port.speed // 10**9}Gb/s, auto negotiation: off, uni-link: n/a\n"
        f"  {'Up' if port.up else 'Down'} {since(view.now - port.changed)}\n  2 link status changes since last clear\n"
        f"  5 minutes input rate {received / 10**6:.1f} Mbps, {received // 4800} packets/sec\n  5 minutes output rate {sent / 10**6:.1f} Mbps, {sent // 4800} packets/sec\n"
        f"     {port.in_octets.read(view.now) // 600} packets input, {port.in_octets.read(view.now)} bytes\n"
        f"     0 runts, 0 giants\n     {port.in_errors.read(view.now)} input errors, {port.in_errors.read(view.now)} CRC, 0 alignment, 0 symbol, 0 input discards\n"
        f"     {port.out_octets.read(view.now) // 600} packets output, {port.out_octets.read(view.now)} bytes\n     0 output errors, 0 collisions\n"
    )


def _interfaces(view: View, _: list[str]) -> str:
    return "".join(_interface_text(view, port) for port in view.box.ports.values())


def _interface(view: View, arguments: list[str]) -> str:
    port = view.port(arguments[-1])
    return _interface_text(view, port) if port else "% Invalid input\n"


def _status(view: View, _: list[str]) -> str:
    rows = "".join(
        f"{port.name.replace('Ethernet', 'Et'):<10} {port.alias[:20]:<20} {'connected' if port.up else 'notconnect' if port.admin else 'disabled':<12} routed   full   {port.speed // 10**9}G    10GBASE-SR\n"
        for port in view.box.ports.values()
        if port.physical
    )
    return f"Port       Name                 Status       Vlan     Duplex Speed  Type\n{rows}"


def _top(view: View, _: list[str]) -> str:
    load, (used, total) = view.box.cpu_pct(view.now), view.box.memory_bytes(view.now)
    return (
        f"top - {view.clock:%H:%M:%S} up {int(view.box.uptime(view.now)) // 86400} days,  1 user,  load average: {load / 50:.2f}, {load / 50:.2f}, {load / 50:.2f}\n"
        f"Tasks: 312 total,   1 running, 311 sleeping,   0 stopped,   0 zombie\n%Cpu(s): {load - 1:.1f} us,  1.0 sy,  0.0 ni, {100 - load:.1f} id,  0.0 wa,  0.0 hi,  0.0 si,  0.0 st\n"
        f"KiB Mem:  {total >> 10} total, {used >> 10} used, {(total - used) >> 10} free, 118020 buffers\n\n"
        f"  PID USER      PR  NI  VIRT  RES  SHR S %CPU %MEM    TIME+  COMMAND\n 2041 root      20   0  612m 212m 138m S {load / 2:.1f}  5.4  99:12.44 StrataCentral\n 1702 root      20   0  540m 160m 121m S  2.0  4.1  51:20.11 Sysdb\n"
    )


def _environment(view: View, _: list[str]) -> str:
    box = view.box
    sensors = "".join(
        f"{n + 1:<7}{sensor.name:<36}{box.celsius(n, view.now):>8.1f}C   {sensor.limit:.0f}C   {sensor.limit + 10:.0f}C\n"
        for n, sensor in enumerate(box.hardware.sensors)
    )
    fans = "".join(
        f"{fan:<24}{'Failed' if fan in box.dead_fans else 'Ok':<12}{0 if fan in box.dead_fans else 42}%\n"
        for fan in box.hardware.fans
    )
    supplies = "".join(
        f"{it:<24}PWR-460AC-F   460W   {'Failed' if it in box.dead_supplies else 'Ok'}\n"
        for it in box.hardware.power_supplies
    )
    return (
        f"System temperature status is: {'Overheating' if box.hot else 'Ok'}\n\nSensor Description                              Temp     Alert  Critical\n{sensors}\n"
        f"System cooling status is: {'Insufficient fans' if box.dead_fans else 'Ok'}\n\nFan                     Status      Speed\n{fans}\n"
        f"Power supply            Model         Capacity Status\n{supplies}"
    )


def _bgp(view: View, _: list[str]) -> str:
    box = view.box
    if not box.asn:
        return "% BGP inactive\n"
    rows = "".join(
        f"  {p.address:<16} 4 {p.asn:<10} 118 118 0 0 {since(view.now - p.changed):>9} {'Estab   214    214' if p.up else 'Active'}\n"
        for p in box.peers.values()
    )
    return f"BGP summary information for VRF default\nRouter identifier {box.router_id}, local AS number {box.asn}\n  Neighbor         V AS         MsgRcvd   MsgSent  InQ OutQ  Up/Down State   PfxRcd PfxAcc\n{rows}"


def _bgp_neighbour(view: View, arguments: list[str]) -> str:
    peer = view.box.peers.get(arguments[-1])
    if not peer:
        return "% No such neighbor\n"
    return f"BGP neighbor is {peer.address}, remote AS {peer.asn}, {'internal' if peer.internal else 'external'} link\n  BGP state is {'Established' if peer.up else 'Active'}, {'up' if peer.up else 'down'} for {since(view.now - peer.changed)}\n"


def _routes(view: View, _: list[str]) -> str:
    rows = "".join(
        f" C        {p.address}/{p.prefix} is directly connected, {p.descr}\n"
        for p in view.box.ports.values()
        if p.address and p.up
    )
    return f"VRF: default\nCodes: C - connected, S - static, B - BGP\n\n{rows}\n"


def _route_summary(view: View, _: list[str]) -> str:
    connected = sum(1 for port in view.box.ports.values() if port.address and port.up)
    return f"VRF: default\n   Route Source         Number Of Routes\n   connected            {connected}\n   static (persistent)  0\n   Total Routes         {connected}\n"


def _neighbours(view: View, _: list[str]) -> str:
    rows = [(port, port.neighbour) for port in view.box.ports.values() if port.neighbour and port.up]
    table = "".join(
        f"{port.name.replace('Ethernet', 'Et'):<11}{there[0]:<29}{there[1]:<20}120\n" for port, there in rows if there
    )
    return f"Last table change time   : 0:01:12 ago\nNumber of table inserts  : {len(rows)}\n\nPort       Neighbor Device ID           Neighbor Port ID    TTL\n{table}"


def _mlag(_view: View, _: list[str]) -> str:
    return "MLAG Configuration:\ndomain-id              :\nlocal-interface        :\npeer-address           :     0.0.0.0\n\nMLAG Status:\nstate                  :    Disabled\n"


def _redundancy(_view: View, _: list[str]) -> str:
    return "  my state = ACTIVE\npeer state = NOT PRESENT\n      Unit = Primary\n   Unit ID = 1\n\nRedundancy Protocol (Operational) = Simplex\n"


def _vrrp(_view: View, _: list[str]) -> str:
    return "Interface  Id  Ver Pri  Time  State  VrIps\n"


def _clock(view: View, _: list[str]) -> str:
    return f"{view.clock:%a %b} {view.clock.day:2d} {view.clock:%H:%M:%S %Y}\nTimezone: UTC\nClock source: {'local' if abs(view.box.hardware.skew_s) > 1 else 'NTP server (192.0.2.123)'}\n"


def _ntp(view: View, _: list[str]) -> str:
    return (
        "unsynchronised\n"
        if abs(view.box.hardware.skew_s) > 1
        else "synchronised to NTP server (192.0.2.123) at stratum 3\n   time correct to within 12 ms\n"
    )


def _running(view: View, _: list[str]) -> str:
    if not view.privileged:
        return _REFUSED
    box = view.box
    ports = "".join(
        f"interface {port.descr}\n"
        + (f"   description {port.alias}\n" if port.alias else "")
        + ("" if port.admin else "   shutdown\n")
        + (f"   no switchport\n   ip address {port.address}/{port.prefix}\n" if port.address else "")
        + "!\n"
        for port in box.ports.values()
    )
    unsaved = "" if box.hardware.saved else "dns domain changed-and-not-saved.example\n"
    return (
        f"! Command: show running-config\n! device: {box.name} ({box.hardware.model}, EOS-{box.hardware.version})\n!\n{unsaved}"
        f"enable secret sha512 $6${PLANTED}\nusername netops privilege 1 secret sha512 $6$salt${PLANTED}\nsnmp-server community {PLANTED} ro\n!\nhostname {box.name}\n!\n{ports}end\n"
    )


def _differences(view: View, _: list[str]) -> str:
    if not view.privileged:
        return _REFUSED
    if view.box.hardware.saved:
        return ""
    return "--- flash:/startup-config\n+++ system:/running-config\n@@ -12,0 +13,1 @@\n+dns domain changed-and-not-saved.example\n"


def _inventory(view: View, _: list[str]) -> str:
    it, box = view.box.hardware, view.box
    return f"System information\n  Model                    Description\n  ------------------------ ------------------------------------\n  {it.model:<25}{it.title}\n\n  HW Version  Serial Number  Mfg Date\n  ----------- -------------- ----------\n  02.00       {box.serial}    2019-04-11\n"


def _tech(view: View, _: list[str]) -> str:
    if not view.privileged:
        return _REFUSED
    sections = (
        ("show clock", _clock), ("show version", _version), ("show running-config", _running), ("show logging", _log),
        ("show interfaces", _interfaces), ("show processes top once", _top), ("show system environment all", _environment),
        ("show lldp neighbors", _neighbours), ("show ip bgp summary", _bgp), ("show inventory", _inventory),
    )  # fmt: skip
    return "".join(
        f"\n------------- {name} -------------\n\n{say(view, [])}" for name, say in sections
    ) + bulk.registers(view)


COMMANDS: Commands = (
    *quiet.ARISTA,
    ("show version", _version),
    ("show version detail", _version),
    ("show uptime", _show_uptime),
    ("show logging", _log),
    ("show interfaces status", _status),
    ("show interfaces", _interfaces),
    ("show interfaces *", _interface),
    ("show processes top once", _top),
    ("show processes top memory once", _top),
    ("show system environment all", _environment),
    ("show environment all", _environment),
    ("show ip bgp summary", _bgp),
    ("show ip bgp neighbors *", _bgp_neighbour),
    ("show ip route summary", _route_summary),
    ("show ip route connected", _routes),
    ("show ip route", _routes),
    ("show lldp neighbors", _neighbours),
    ("show mlag", _mlag),
    ("show vrrp brief", _vrrp),
    ("show redundancy status", _redundancy),
    ("show clock", _clock),
    ("show ntp status", _ntp),
    ("show running-config diffs", _differences),
    ("show running-config", _running),
    ("show inventory", _inventory),
    ("show tech-support", _tech),
)
