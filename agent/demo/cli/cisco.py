"""Cisco IOS and IOS-XE."""

# ruff: noqa: E501  (what a device prints is as wide as it is)

from agent.demo import state, wording
from agent.demo.cli import bulk, quiet
from agent.demo.cli.command import PLANTED, Commands, View, mac, rates, since
from agent.demo.state import Port

_REFUSED = "      ^\n% Invalid input detected at '^' marker.\n\n"


def _version(view: View, _: list[str]) -> str:
    it, box = view.box.hardware, view.box
    weeks, days, hours, minutes = view.uptime()
    return (
        f"{it.description}\n\n"
        f"ROM: Bootstrap program\n"
        f"{box.name} uptime is {weeks} weeks, {days} days, {hours} hours, {minutes} minutes\n"
        f"System returned to ROM by power-on\n"
        f'System image file is "flash:packages.conf"\n\n'
        f"cisco {it.model} (X86) processor with {it.memory_mb * 1024}K/6147K bytes of memory.\n"
        f"Processor board ID {box.serial}\n"
        f"{len([p for p in box.ports.values() if p.physical])} Gigabit Ethernet interfaces\n"
        f"Model Number                       : {it.model}\n"
        f"System Serial Number               : {box.serial}\n\n"
        f"Configuration register is 0x102\n\n"
    )


def _log(view: View, _: list[str]) -> str:
    lines = "".join(f"{wording.printed(view.box, line)}\n" for line in view.box.log)
    return (
        "Syslog logging: enabled (0 messages dropped, 0 messages rate-limited, 0 flushes, 0 overruns)\n\n"
        f"    Buffer logging:  level debugging, {len(view.box.log)} messages logged, xml disabled\n\n"
        f"Log Buffer (8192 bytes):\n\n{lines}"
    )


def _interface_text(view: View, port: Port) -> str:
    now = view.now
    line = "up" if port.up else "down" if port.admin else "administratively down"
    received, sent = rates(port, now)
    address = f"  Internet address is {port.address}/{port.prefix}\n" if port.address else ""
    description = f"  Description: {port.alias}\n" if port.alias else ""
    in_packets, out_packets = port.in_octets.read(now) // 600, port.out_octets.read(now) // 600
    return (
        f"{port.descr} is {line}, line protocol is {'up' if port.up else 'down'} {'(connected)' if port.up else '(notconnect)'}\n"
        f"  Hardware is Ethernet, address is {mac(port.mac, 'dot')} (bia {mac(port.mac, 'dot')})\n"
        f"{description}{address}"
        f"  MTU 1500 bytes, BW {port.speed // 1000} Kbit/sec, DLY 10 usec,\n"
        f"     reliability 255/255, txload 1/255, rxload 1/255\n"
        f"  Full-duplex, {port.speed // 1_000_000}Mb/s, link type is auto, media type is 10GBase-SR\n"
        f"  Last input 00:00:01, output 00:00:00, output hang never\n"
        f"  5 minute input rate {received} bits/sec, {received // 4800} packets/sec\n"
        f"  5 minute output rate {sent} bits/sec, {sent // 4800} packets/sec\n"
        f"     {in_packets} packets input, {port.in_octets.read(now)} bytes, 0 no buffer\n"
        f"     0 runts, 0 giants, 0 throttles\n"
        f"     {port.in_errors.read(now)} input errors, {port.in_errors.read(now)} CRC, 0 frame, 0 overrun, 0 ignored\n"
        f"     {out_packets} packets output, {port.out_octets.read(now)} bytes, 0 underruns\n"
        f"     0 output errors, 0 collisions, 1 interface resets\n"
    )


def _interfaces(view: View, _: list[str]) -> str:
    return "".join(_interface_text(view, port) for port in view.box.ports.values())


def _interface(view: View, arguments: list[str]) -> str:
    port = view.port(arguments[-1])
    return _interface_text(view, port) if port else _REFUSED


def _status(view: View, _: list[str]) -> str:
    rows = [
        f"{port.name:<10}{port.alias[:18]:<19}{'connected' if port.up else 'notconnect' if port.admin else 'disabled':<13}"
        f"routed       full  {port.speed // 1_000_000:>6} 10GBase-SR"
        for port in view.box.ports.values()
        if port.physical
    ]
    return "\nPort      Name               Status       Vlan       Duplex  Speed Type\n" + "\n".join(rows) + "\n"


def _brief(view: View, _: list[str]) -> str:
    rows = [
        f"{port.descr:<23}{port.address or 'unassigned':<16}YES NVRAM  "
        f"{'up' if port.up else 'down' if port.admin else 'administratively down':<22}{'up' if port.up else 'down'}"
        for port in view.box.ports.values()
    ]
    return "Interface              IP-Address      OK? Method Status                Protocol\n" + "\n".join(rows) + "\n"


def _cpu(view: View, _: list[str]) -> str:
    load = view.box.cpu_pct(view.now)
    rows = [(216, "IP Input", load // 3), (112, "SNMP ENGINE", load // 5), (85, "BGP Router", load // 8), (4, "Check heaps", 1)]  # fmt: skip
    table = "".join(f"{pid:>4} {load * 7000:>11} {load * 900:>10} {77:>7} {part:>5}.00% {part:>4}.00% {part:>4}.00%   0 {name}\n" for pid, name, part in rows)  # fmt: skip
    return (
        f"CPU utilization for five seconds: {load}%/2%; one minute: {load}%; five minutes: {load}%\n"
        f" PID Runtime(ms)     Invoked      uSecs   5Sec   1Min   5Min TTY Process \n{table}"
    )


def _memory(view: View, _: list[str]) -> str:
    used, total = view.box.memory_bytes(view.now)
    return (
        "                Head    Total(b)     Used(b)     Free(b)   Lowest(b)  Largest(b)\n"
        f"Processor   7F2A4010  {total:>10}  {used:>10}  {total - used:>10}  {total - used:>10}  {(total - used) * 9 // 10:>10}\n"
    )


def _environment(view: View, _: list[str]) -> str:
    box = view.box
    sensors = "".join(
        f"{sensor.name:<42}{'CRITICAL' if box.hot and n == 0 else 'GREEN':<14}{box.celsius(n, view.now)} Celsius  (limit {sensor.limit:.0f})\n"
        for n, sensor in enumerate(box.hardware.sensors)
    )
    fans = "".join(f"{fan:<42}{'FAILED' if fan in box.dead_fans else 'OK'}\n" for fan in box.hardware.fans)
    supplies = "".join(
        f"{it:<42}{'FAILED' if it in box.dead_supplies else 'OK'}\n" for it in box.hardware.power_supplies
    )
    return f"Sensor                                    State         Reading\n{sensors}\nFan\n{fans}\nPower supply\n{supplies}"


def _ospf(view: View, _: list[str]) -> str:
    rows = ""
    for it in view.box.adjacencies.values():
        if it.up:
            router, state = view.whole.boxes[it.device].router_id, "EXSTART/  -" if it.stuck else "FULL/  -"
            rows += f"{router:<16}{0:>3}   {state:<16}00:00:{31 + len(it.port) % 9}    {it.address:<16}{view.box.ports[it.port].descr}\n"
    head = "Neighbor ID     Pri   State           Dead Time   Address         Interface\n"
    return f"\n{head}{rows}" if rows else ""


def _ospf_interfaces(view: View, _: list[str]) -> str:
    rows = ""
    for it in view.box.adjacencies.values():
        port = view.box.ports[it.port]
        full = int(it.up and not it.stuck)
        rows += f"{port.name:<13}1     0               {port.address + '/30':<19}1     {'P2P' if it.up else 'DOWN':<5} {full}/{int(it.up)}\n"
    return f"Interface    PID   Area            IP Address/Mask    Cost  State Nbrs F/C\n{rows}" if rows else ""


def _bgp(view: View, _: list[str]) -> str:
    box = view.box
    if not box.asn:
        return "% BGP not active\n"
    rows = ""
    for peer in box.peers.values():
        age = since(view.now - peer.changed)
        rows += f"{peer.address:<16}4 {peer.asn:>12} {12:>7} {12:>7} {88:>8}    0    0 {age:>8} {'214' if peer.up else 'Active':>12}\n"
    return (
        f"BGP router identifier {box.router_id}, local AS number {box.asn}\nBGP table version is 88, main routing table version 88\n\n"
        f"Neighbor        V           AS MsgRcvd MsgSent   TblVer  InQ OutQ Up/Down  State/PfxRcd\n{rows}"
    )


def _bgp_neighbour(view: View, arguments: list[str]) -> str:
    chosen = [peer for peer in view.box.peers.values() if not arguments or arguments[0] in ("", peer.address)]
    return (
        "".join(
            f"BGP neighbor is {peer.address},  remote AS {peer.asn}, {'internal' if peer.internal else 'external'} link\n"
            f"  BGP version 4, remote router ID {view.whole.boxes[peer.device].router_id}\n"
            f"  BGP state = {'Established' if peer.up else 'Active'}, {'up' if peer.up else 'down'} for {since(view.now - peer.changed)}\n"
            f"  Last reset {since(view.now - peer.changed)}, due to {'never' if peer.up else 'BGP Notification received, hold time expired'}\n\n"
            for peer in chosen
        )
        or "% No such neighbor or address family\n"
    )


def _neighbours(view: View, _: list[str]) -> str:
    rows = [
        f"{port.neighbour[0]:<20}{port.name:<15}120        R               {port.neighbour[1]}"
        for port in view.box.ports.values()
        if port.neighbour and port.up
    ]
    return (
        "Capability codes:\n    (R) Router, (B) Bridge\n\nDevice ID           Local Intf     Hold-time  Capability      Port ID\n"
        + "\n".join(rows)
        + f"\n\nTotal entries displayed: {len(rows)}\n"
    )


def _running(view: View, _: list[str]) -> str:
    if not view.privileged:
        return _REFUSED
    box = view.box
    changed = "" if box.hardware.saved else f"! Last configuration change at {view.clock:%H:%M:%S} UTC by netops\n"
    return f"Building configuration...\n\nCurrent configuration : 6204 bytes\n!\n{changed}{_configuration(view)}"


def _startup(view: View, _: list[str]) -> str:
    if not view.privileged:
        return _REFUSED
    return f"Using 6204 out of 2097152 bytes\n!\n{_configuration(view, running=view.box.hardware.saved)}"


def _configuration(view: View, *, running: bool = True) -> str:
    box = view.box
    ports = "".join(
        f"interface {port.descr}\n"
        + (f" description {port.alias}\n" if port.alias else "")
        + (
            f" ip address {port.address} 255.255.255.{'255' if port.prefix == 32 else '252'}\n"
            if port.address
            else " no ip address\n"
        )
        + ("" if port.admin else " shutdown\n")
        + "!\n"
        for port in box.ports.values()
    )
    peers = "".join(f" neighbor {p.address} remote-as {p.asn}\n neighbor {p.address} password 7 08{state.number(p.address):08X}\n" for p in box.peers.values())  # fmt: skip
    bgp = f"router bgp {box.asn}\n bgp router-id {box.router_id}\n{peers}!\n" if box.asn else ""
    unsaved = "" if not running or box.hardware.saved else "ip domain name changed-and-not-saved.example\n"
    return (
        f"version {box.hardware.version[:4]}\nservice timestamps log datetime msec\n!\nhostname {box.name}\n!\n{unsaved}"
        f"enable secret 5 $1${PLANTED}\nusername netops privilege 1 secret 5 $1$mERr${PLANTED}\n!\n{ports}{bgp}"
        f"snmp-server community {PLANTED} RO\nsnmp-server location {box.site}\nlogging host 192.0.2.10\n!\nline vty 0 4\n transport input ssh\n!\nend\n\n"
    )


def _differences(view: View, _: list[str]) -> str:
    """What the running configuration has and the saved one has not."""
    if not view.privileged:
        return _REFUSED
    changes = (
        "!No changes were found\n" if view.box.hardware.saved else "+ip domain name changed-and-not-saved.example\n"
    )
    return f"!Contextual Config Diffs:\n{changes}\n"


def _standby(_view: View, _: list[str]) -> str:
    return "                     P indicates configured to preempt.\n                     |\nInterface   Grp  Pri P State   Active          Standby         Virtual IP\n"


def _vrrp(_view: View, _: list[str]) -> str:
    return "Interface          Grp Pri Time  Own Pre State   Master addr     Group addr\n"


def _control_processor(view: View, _: list[str]) -> str:
    load, (used, total) = view.box.cpu_pct(view.now), view.box.memory_bytes(view.now)
    return (
        "Load Average\n Slot  Status  1-Min  5-Min 15-Min\n"
        f"1-RP0 Healthy   {load / 40:.2f}   {load / 40:.2f}   {load / 40:.2f}\n\n"
        "Memory (kB)\n Slot  Status    Total     Used (Pct)     Free (Pct) Committed (Pct)\n"
        f"1-RP0 Healthy  {total >> 10} {used >> 10} ({used * 100 // total}%) {(total - used) >> 10} ({100 - used * 100 // total}%) {used >> 10} ({used * 100 // total}%)\n\n"
        "CPU Utilization\n Slot  CPU   User System   Nice   Idle    IRQ   SIRQ IOwait\n"
        f"1-RP0    0 {load:>6.2f}   1.00   0.00 {99 - load:>6.2f}   0.00   0.00   0.00\n"
    )


def _route_summary(view: View, _: list[str]) -> str:
    connected = sum(1 for port in view.box.ports.values() if port.address and port.up)
    bgp = 214 * sum(peer.up for peer in view.box.peers.values())
    return (
        "IP routing table name is default (0x0)\nIP routing table maximum-paths is 32\n"
        "Route Source    Networks    Subnets     Replicates  Overhead    Memory (bytes)\n"
        f"connected       0           {connected:<12}0           {connected * 96:<12}{connected * 304}\n"
        f"bgp {view.box.asn or 0:<12}{bgp:<12}0           0           {bgp * 96:<12}{bgp * 304}\n"
    )


def _clock(view: View, _: list[str]) -> str:
    at = view.clock
    return f"{at:%H:%M:%S}.{at.microsecond // 1000:03d} UTC {at:%a %b} {at.day} {at:%Y}\n"


def _ntp(view: View, _: list[str]) -> str:
    skewed = not view.box.synchronised
    return (
        "Clock is unsynchronized, stratum 16, no reference clock\n"
        if skewed
        else "Clock is synchronized, stratum 3, reference is 192.0.2.123\n"
    )


def _redundancy(view: View, _: list[str]) -> str:
    return (
        "Redundant System Information :\n------------------------------\n"
        "       Available system uptime = "
        + "{} weeks, {} days, {} hours, {} minutes\n".format(*view.uptime())
        + "Switchovers system experienced = 0\n              Standby failures = 0\n"
        "                 Hardware Mode = Simplex\n    Configured Redundancy Mode = Non-redundant\n     Operating Redundancy Mode = Non-redundant\n"
    )


def _inventory(view: View, _: list[str]) -> str:
    it, box = view.box.hardware, view.box
    parts = "".join(f'\nNAME: "{name}", DESCR: "{name}"\nPID: {it.model}-PART , VID: V01  , SN: {box.serial[:3]}{n:05d}\n' for n, name in enumerate((*it.fans, *it.power_supplies)))  # fmt: skip
    return f'NAME: "Chassis", DESCR: "{it.title}"\nPID: {it.model} , VID: V02  , SN: {box.serial}\n{parts}\n'


def _routes(view: View, _: list[str]) -> str:
    rows = "".join(f"C        {p.address}/{p.prefix} is directly connected, {p.descr}\n" for p in view.box.ports.values() if p.address and p.up)  # fmt: skip
    return f"Codes: C - connected, S - static, O - OSPF, B - BGP\n\nGateway of last resort is not set\n\n{rows}"


def _processes(view: View, _: list[str]) -> str:
    return _cpu(view, [])


def _tech(view: View, _: list[str]) -> str:
    if not view.privileged:
        return _REFUSED
    sections = [
        ("show clock", _clock), ("show version", _version), ("show running-config", _running), ("show logging", _log),
        ("show interfaces", _interfaces), ("show ip interface brief", _brief), ("show processes cpu", _cpu),
        ("show memory statistics", _memory), ("show environment all", _environment), ("show ip bgp summary", _bgp),
        ("show lldp neighbors", _neighbours), ("show inventory", _inventory), ("show redundancy", _redundancy),
    ]  # fmt: skip
    return "".join(
        f"\n------------------ {name} ------------------\n\n{say(view, [])}" for name, say in sections
    ) + bulk.registers(view)


COMMANDS: Commands = (
    *quiet.CISCO,
    ("show version", _version),
    ("show logging", _log),
    ("show interfaces status", _status),
    ("show interfaces description", _brief),
    ("show interfaces", _interfaces),
    ("show interfaces *", _interface),
    ("show ip interface brief", _brief),
    ("show processes cpu", _cpu),
    ("show processes cpu *", _cpu),
    ("show processes memory", _memory),
    ("show processes memory *", _memory),
    ("show processes", _processes),
    ("show memory", _memory),
    ("show memory *", _memory),
    ("show environment", _environment),
    ("show environment *", _environment),
    ("show platform software status control-processor brief", _control_processor),
    ("show archive config differences *", _differences),
    ("show standby brief", _standby),
    ("show vrrp brief", _vrrp),
    ("show ip ospf neighbor", _ospf),
    ("show ip ospf interface brief", _ospf_interfaces),
    ("show ip bgp summary", _bgp),
    ("show bgp summary", _bgp),
    ("show bgp all summary", _bgp),
    ("show bgp ipv4 unicast summary", _bgp),
    ("show ip bgp neighbors", _bgp_neighbour),
    ("show ip bgp neighbors *", _bgp_neighbour),
    ("show bgp neighbors *", _bgp_neighbour),
    ("show bgp ipv4 unicast neighbors *", _bgp_neighbour),
    ("show lldp neighbors", _neighbours),
    ("show lldp neighbors *", _neighbours),
    ("show cdp neighbors", _neighbours),
    ("show cdp neighbors *", _neighbours),
    ("show running-config", _running),
    ("show startup-config", _startup),
    ("show clock", _clock),
    ("show clock detail", _clock),
    ("show ntp status", _ntp),
    ("show redundancy", _redundancy),
    ("show redundancy *", _redundancy),
    ("show inventory", _inventory),
    ("show ip route summary", _route_summary),
    ("show ip route", _routes),
    ("show ip route *", _routes),
    ("show tech-support", _tech),
    ("show tech-support *", _tech),
)
