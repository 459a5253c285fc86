"""Huawei VRP."""

# ruff: noqa: E501  (what a device prints is as wide as it is)

from agent.demo import wording
from agent.demo.cli import bulk
from agent.demo.cli.command import PLANTED, Commands, View, mac, rates, since
from agent.demo.state import Port

_WRONG = "         ^\nError: Wrong parameter found at '^' position.\n"


def _version(view: View, _: list[str]) -> str:
    it = view.box.hardware
    line = it.model.split("-")[0]
    uptime = "{} weeks, {} days, {} hours, {} minutes".format(*view.uptime())
    return (
        f"Huawei Versatile Routing Platform Software\nVRP (R) software, Version 5.170 ({line} {it.version})\nCopyright (C) 2000-2021 HUAWEI TECH CO., LTD\n"
        f"HUAWEI {it.model} Routing Switch uptime is {uptime}\n\nESFP {it.model} 0(Master)  : uptime is {uptime}\n"
        f"DDR             Memory Size : {it.memory_mb}  M bytes\nFLASH Total     Memory Size : 512   M bytes\n"
        f"Pcb           Version : VER.B\nBootROM       Version : 020b.0a02\nSoftware      Version : VRP (R) Software, Version 5.170 ({it.version})\n"
    )


def _log(view: View, _: list[str]) -> str:
    lines = "".join(f"{wording.printed(view.box, line)}\n" for line in reversed(view.box.log))
    return (
        "Logging buffer configuration and contents : enabled\nAllowed max buffer size : 1024\nActual buffer size : 512\nChannel number : 4 , Channel name : logbuffer\n"
        f"Dropped messages : 0\nOverwritten messages : 0\nCurrent messages : {len(view.box.log)}\n\n{lines}"
    )


def _interface_text(view: View, port: Port) -> str:
    received, sent = rates(port, view.now)
    state = "UP" if port.up else "DOWN" if port.admin else "Administratively DOWN"
    return (
        f"{port.name} current state : {state}\nLine protocol current state : {'UP' if port.up else 'DOWN'}\nDescription:{port.alias}\n"
        + (
            f"Internet Address is {port.address}/{port.prefix}\n"
            if port.address
            else "Switch Port, PVID :    1, TPID : 8100(Hex), The Maximum Frame Length is 9216\n"
        )
        + f"IP Sending Frames' Format is PKTFMT_ETHNT_2, Hardware address is {mac(port.mac, 'dash')}\n"
        f"Last physical {'up' if port.up else 'down'} time   : {since(view.now - port.changed)} ago\nCurrent system time: {view.clock:%Y-%m-%d %H:%M:%S}\n"
        f"Port Mode: COMMON FIBER\nSpeed : {port.speed // 10**6},  Loopback: NONE\nDuplex: FULL,  Negotiation: ENABLE\n"
        f"Last 300 seconds input rate {received} bits/sec, {received // 4800} packets/sec\nLast 300 seconds output rate {sent} bits/sec, {sent // 4800} packets/sec\n"
        f"Input:  {port.in_octets.read(view.now) // 600} packets, {port.in_octets.read(view.now)} bytes\n  CRC:  {port.in_errors.read(view.now)},  Giants:  0\n  Total Error:  {port.in_errors.read(view.now)}\n"
        f"Output:  {port.out_octets.read(view.now) // 600} packets, {port.out_octets.read(view.now)} bytes\n  Total Error:  0\n\n"
    )


def _interfaces(view: View, _: list[str]) -> str:
    return "".join(_interface_text(view, port) for port in view.box.ports.values())


def _interface(view: View, arguments: list[str]) -> str:
    port = view.port(arguments[-1])
    return _interface_text(view, port) if port else _WRONG


def _brief(view: View, _: list[str]) -> str:
    rows = "".join(
        f"{port.name:<28}{'up' if port.up else 'down' if port.admin else '*down':<8}{'up' if port.up else 'down':<8}  0.31%  0.18%  {port.in_errors.read(view.now):>10}          0\n"
        for port in view.box.ports.values()
    )
    return f"PHY: Physical\n*down: administratively down\nInterface                   PHY     Protocol InUti OutUti   inErrors  outErrors\n{rows}"


def _cpu(view: View, _: list[str]) -> str:
    load = view.box.cpu_pct(view.now)
    return (
        f"CPU Usage Stat. Cycle: 60 (Second)\nCPU Usage            : {load}% Max: 97%\nCPU Usage Stat. Time : {view.clock:%Y-%m-%d  %H:%M:%S}\n"
        f"CPU utilization for five seconds: {load}%: one minute: {load}%: five minutes: {load}%\nMax CPU Usage Stat. Time : {view.clock:%Y-%m-%d %H:%M:%S}.\n\n"
        f"TaskName             CPU  Runtime(CPU Tick High/Tick Low)  Task Explanation\nVIDL                 {100 - load}%         6/ffffff00       DOPRA IDLE\nbcmRX                 {load // 2}%         0/ 1f11400       bcmRX\nFTS                   {load // 4}%         0/  4f1a00       FTS\n"
    )


def _memory(view: View, _: list[str]) -> str:
    used, total = view.box.memory_bytes(view.now)
    return f" Memory utilization statistics at {view.clock:%Y-%m-%d %H:%M:%S}\n System Total Memory Is: {total} bytes\n Total Memory Used Is: {used} bytes\n Memory Using Percentage Is: {used * 100 // total}%\n"


def _device(view: View, _: list[str]) -> str:
    box = view.box
    supplies = "".join(f"      PWR{n}  -         Present   {'PowerOff' if it in box.dead_supplies else 'PowerOn'}   Registered   {'Abnormal' if it in box.dead_supplies else 'Normal'}     NA\n" for n, it in enumerate(box.hardware.power_supplies, 1))  # fmt: skip
    fans = "".join(
        f"      FAN{n}  -         Present   PowerOn   Registered   {'Abnormal' if it in box.dead_fans else 'Normal'}     NA\n"
        for n, it in enumerate(box.hardware.fans, 1)
    )
    return f"{box.hardware.model}'s Device status:\nSlot Sub  Type      Online    Power     Register     Status     Role\n-------------------------------------------------------------------------------\n0    -    {box.hardware.model[:9]:<10}Present   PowerOn   Registered   Normal     Master\n{supplies}{fans}"


def _fan(view: View, _: list[str]) -> str:
    rows = "".join(
        f"   0    {n}       Present   {'0%' if it in view.box.dead_fans else '45%'}      {'Abnormal' if it in view.box.dead_fans else 'Normal'}       Auto\n"
        for n, it in enumerate(view.box.hardware.fans, 1)
    )
    return f"-------------------------------------------------------------------------\n Slot  FanID   Online    Speed    Status        Mode\n-------------------------------------------------------------------------\n{rows}"


def _power(view: View, _: list[str]) -> str:
    rows = "".join(
        f"   0    PWR{n}     Present  AC     {'NotSupply' if it in view.box.dead_supplies else 'Supply'}   {'0.00' if it in view.box.dead_supplies else '150.00'}\n"
        for n, it in enumerate(view.box.hardware.power_supplies, 1)
    )
    return f"------------------------------------------------------------\n Slot    PowerID  Online   Mode   State      Power(W)\n------------------------------------------------------------\n{rows}"


def _temperature(view: View, _: list[str]) -> str:
    rows = "".join(
        f" 0    NA   NA  {sensor.name:<22}{'ALARM' if view.box.hot and n == 0 else 'NORMAL':<9}{view.box.celsius(n, view.now):<7}0       {sensor.limit:.0f}\n"
        for n, sensor in enumerate(view.box.hardware.sensors)
    )
    return f"-------------------------------------------------------------------------\n Slot  Card Sensor Name             Status   Current Lower   Upper\n                                             (C)     (C)     (C)\n-------------------------------------------------------------------------\n{rows}"


def _bgp(view: View, _: list[str]) -> str:
    box = view.box
    if not box.asn:
        return " Error: BGP is not configured.\n"
    rows = "".join(
        f"  {p.address:<16}4 {p.asn:>11} {118:>8} {118:>8}     0 {since(view.now - p.changed):>9} {'Established' if p.up else 'Active':>12} {214 if p.up else 0:>8}\n"
        for p in box.peers.values()
    )
    return f"\n BGP local router ID : {box.router_id}\n Local AS number : {box.asn}\n Total number of peers : {len(box.peers)}\t\t  Peers in established state : {sum(p.up for p in box.peers.values())}\n\n  Peer            V          AS  MsgRcvd  MsgSent  OutQ  Up/Down       State  PrefRcv\n\n{rows}"


def _bgp_peer(view: View, arguments: list[str]) -> str:
    peer = view.box.peers.get(arguments[0])
    if not peer:
        return "Error: The peer does not exist.\n"
    return f"\n\t BGP Peer is {peer.address},  remote AS {peer.asn}\n\t Type: {'IBGP' if peer.internal else 'EBGP'} link\n\t BGP current state: {'Established' if peer.up else 'Active'}, {'Up' if peer.up else 'Down'} for {since(view.now - peer.changed)}\n"


def _routes(view: View, _: list[str]) -> str:
    rows = "".join(
        f" {p.address + '/' + str(p.prefix):>18}  Direct  0    0           D   {p.address:<15} {p.name}\n"
        for p in view.box.ports.values()
        if p.address and p.up
    )
    return f"Route Flags: R - relay, D - download to fib\n------------------------------------------------------------------------------\nDestination/Mask    Proto   Pre  Cost      Flags NextHop         Interface\n\n{rows}"


def _route_statistics(view: View, _: list[str]) -> str:
    direct = sum(1 for port in view.box.ports.values() if port.address and port.up)
    return f"Summary Prefixes : {direct}\nProto     total      active     added      deleted    freed\nDIRECT    {direct:<11}{direct:<11}{direct:<11}0          0\nSTATIC    0          0          0          0          0\nTotal     {direct:<11}{direct:<11}{direct:<11}0          0\n"


def _neighbours(view: View, _: list[str]) -> str:
    rows = "".join(
        f"{port.name:<24}{port.neighbour[0]:<20}{port.neighbour[1]:<26}112\n"
        for port in view.box.ports.values()
        if port.neighbour and port.up
    )
    return f"Local Intf              Neighbor Dev        Neighbor Intf             Exptime(s)\n{rows}"


def _switchover(_view: View, _: list[str]) -> str:
    return "Switchover State:Realtime or Routine backup.\nSwitchover type:none; there is no slave board.\n"


def _vrrp(_view: View, _: list[str]) -> str:
    return "Total:0     Master:0     Backup:0     Non-active:0\nVRID  State        Interface                Type     Virtual IP\n----------------------------------------------------------------\n"


def _clock(view: View, _: list[str]) -> str:
    return f"{view.clock:%Y-%m-%d %H:%M:%S}\n{view.clock:%A}\nTime Zone(Default Zone Name) : UTC+00:00\n"


def _ntp(view: View, _: list[str]) -> str:
    if abs(view.box.hardware.skew_s) > 1:
        return " clock status: unsynchronized \n clock stratum: 16 \n reference clock ID: none\n"
    return (
        " clock status: synchronized \n clock stratum: 3 \n reference clock ID: 192.0.2.123\n clock offset: 0.4120 ms\n"
    )


def _current(view: View, _: list[str]) -> str:
    box = view.box
    ports = "".join(
        f"interface {port.name}\n"
        + (f" description {port.alias}\n" if port.alias else "")
        + (f" ip address {port.address} 255.255.255.{'255' if port.prefix == 32 else '252'}\n" if port.address else "")
        + ("" if port.admin else " shutdown\n")
        + "#\n"
        for port in box.ports.values()
    )
    unsaved = "" if box.hardware.saved else "dns domain changed-and-not-saved.example\n#\n"
    return (
        f"!Software Version {box.hardware.version}\n#\nsysname {box.name}\n#\n{unsaved}aaa\n local-user netops password irreversible-cipher %^%#{PLANTED}%^%#\n local-user netops privilege level 1\n local-user netops service-type ssh\n#\n"
        f"{ports}snmp-agent\nsnmp-agent community read cipher %^%#{PLANTED}%^%#\nsnmp-agent sys-info location {box.site}\n#\nreturn\n"
    )


def _compare(view: View, _: list[str]) -> str:
    if view.box.hardware.saved:
        return "The current configuration is the same as the next startup configuration file.\n"
    return (
        "Warning: The current configuration is not the same as the next startup configuration file. There may be several differences, and the following are some configurations beginning from the first:\n"
        "====== Current configuration line 4 ======\ndns domain changed-and-not-saved.example\n#\n====== Configuration file line 4 ======\naaa\n"
    )


def _diagnostic(view: View, _: list[str]) -> str:
    sections = (
        ("display clock", _clock), ("display version", _version), ("display current-configuration", _current), ("display logbuffer", _log),
        ("display interface", _interfaces), ("display cpu-usage", _cpu), ("display memory-usage", _memory), ("display device", _device),
        ("display fan", _fan), ("display power", _power), ("display temperature all", _temperature), ("display lldp neighbor brief", _neighbours),
    )  # fmt: skip
    return "".join(
        f"\n================================================\n  ==============={name}===============\n================================================\n{say(view, [])}"
        for name, say in sections
    ) + bulk.registers(view)


COMMANDS: Commands = (
    ("display version", _version),
    ("display logbuffer", _log),
    ("display interface brief", _brief),
    ("display interface", _interfaces),
    ("display interface *", _interface),
    ("display cpu-usage", _cpu),
    ("display memory-usage", _memory),
    ("display device", _device),
    ("display fan", _fan),
    ("display power", _power),
    ("display temperature all", _temperature),
    ("display bgp peer", _bgp),
    ("display bgp peer * verbose", _bgp_peer),
    ("display ip routing-table statistics", _route_statistics),
    ("display ip routing-table protocol direct", _routes),
    ("display lldp neighbor brief", _neighbours),
    ("display switchover state", _switchover),
    ("display vrrp brief", _vrrp),
    ("display clock", _clock),
    ("display ntp-service status", _ntp),
    ("display current-configuration", _current),
    ("display saved-configuration", _current),
    ("compare configuration", _compare),
    ("display diagnostic-information", _diagnostic),
)
