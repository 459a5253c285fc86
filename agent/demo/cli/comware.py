"""H3C and HPE Comware: 7, and 5 where it differs."""

# ruff: noqa: E501  (what a device prints is as wide as it is)

from agent.demo import wording
from agent.demo.cli import bulk
from agent.demo.cli.command import PLANTED, Commands, View, mac, rates, since
from agent.demo.state import Port

_UNKNOWN = "          ^\n % Unrecognized command found at '^' position.\n"
_WRONG = "          ^\n % Wrong parameter found at '^' position.\n"


def _seven(view: View) -> bool:
    return view.box.hardware.version.startswith("7")


def _version(view: View, _: list[str]) -> str:
    it = view.box.hardware
    uptime = "{} weeks, {} days, {} hours, {} minutes".format(*view.uptime())
    return (
        f"HP Comware Software, Version {it.version}, Release {it.release}\nCopyright (c) 2010-2018 Hewlett Packard Enterprise Development LP\n"
        f"HP {it.model} uptime is {uptime}\nLast reboot reason : Power on\n\nBoot image: flash:/{it.version.replace('.', '')}-cmw{it.release}-boot.bin\n"
        f"Slot 1\nUptime is {uptime}\n{it.model} with 1 Processor\nBOARD TYPE:         {it.model}\nDRAM:               {it.memory_mb}M bytes\nFLASH:              512M bytes\n"
    )


def _log(view: View, _: list[str]) -> str:
    lines = "".join(f"%{wording.printed(view.box, line)}\n" for line in view.box.log)
    return f"Log buffer: Enabled\nMax buffer size: 1024\nActual buffer size: 512\nDropped messages: 0\nOverwritten messages: 0\nCurrent messages: {len(view.box.log)}\n{lines}"


def _interface_text(view: View, port: Port) -> str:
    received, sent = rates(port, view.now)
    state = "UP" if port.up else "DOWN" if port.admin else "Administratively DOWN"
    return (
        f"{port.name}\nCurrent state: {state}\nLine protocol state: {'UP' if port.up else 'DOWN'}\nIP packet frame type: Ethernet II, hardware address: {mac(port.mac, 'dash')}\n"
        f"Description: {port.alias or port.name + ' Interface'}\nBandwidth: {port.speed // 1000} kbps\n"
        + (f"Internet address: {port.address}/{port.prefix} (primary)\n" if port.address else "")
        + f"{port.speed // 10**6}Mbps-speed mode, full-duplex mode\nLast link flapping: {since(view.now - port.changed)}\n"
        f"Last 300 seconds input: {received // 4800} packets/sec {received // 8} bytes/sec 0%\nLast 300 seconds output: {sent // 4800} packets/sec {sent // 8} bytes/sec 0%\n"
        f"Input (total):  {port.in_octets.read(view.now) // 600} packets, {port.in_octets.read(view.now)} bytes\nInput:  {port.in_errors.read(view.now)} input errors, 0 runts, 0 giants, 0 throttles\n        {port.in_errors.read(view.now)} CRC, 0 frame, 0 overruns, 0 aborts\n"
        f"Output (total): {port.out_octets.read(view.now) // 600} packets, {port.out_octets.read(view.now)} bytes\nOutput: 0 output errors, 0 underruns, 0 buffer failures\n\n"
    )


def _interfaces(view: View, _: list[str]) -> str:
    return "".join(_interface_text(view, port) for port in view.box.ports.values())


def _interface(view: View, arguments: list[str]) -> str:
    port = view.port(arguments[-1])
    return _interface_text(view, port) if port else _WRONG


def _cpu(view: View, _: list[str]) -> str:
    load = view.box.cpu_pct(view.now)
    return f"Slot 1 CPU 0 CPU usage:\n      {load}% in last 5 seconds\n      {load}% in last 1 minute\n      {load}% in last 5 minutes\n\n"


def _memory(view: View, _: list[str]) -> str:
    used, total = view.box.memory_bytes(view.now)
    return f"Memory statistics are measured in KB:\nSlot 1:\n             Total      Used      Free    Shared   Buffers    Cached   FreeRatio\nMem:       {total >> 10:>7}   {used >> 10:>7}   {(total - used) >> 10:>7}         0      1292    181312      {(total - used) * 100 / total:.1f}%\n"


def _device(view: View, _: list[str]) -> str:
    it = view.box.hardware
    return f"Slot Type                State    Subslot  Soft Ver             Patch Ver\n1    {it.model:<20}Master   0        {it.model.split()[0]}-{it.release:<14}  None\n"


def _fan(view: View, _: list[str]) -> str:
    rows = "".join(
        f" Fan {n}:\n State    : {'FanDirectionFault' if it in view.box.dead_fans else 'Normal'}\n"
        for n, it in enumerate(view.box.hardware.fans, 1)
    )
    return f" Slot 1:\n{rows}"


def _power(view: View, _: list[str]) -> str:
    rows = "".join(
        f" {n}        {'Fault' if it in view.box.dead_supplies else 'Normal'}     AC        --         --         --\n"
        for n, it in enumerate(view.box.hardware.power_supplies, 1)
    )
    return f" Slot 1:\n PowerID State    Mode   Current(A)  Voltage(V)  Power(W)\n{rows}"


def _environment(view: View, _: list[str]) -> str:
    rows = "".join(
        f" 1    hotspot {n + 1}          {view.box.celsius(n, view.now):<13} 0          {sensor.limit:<14.0f} {sensor.limit + 8:<14.0f}NA\n"
        for n, sensor in enumerate(view.box.hardware.sensors)
    )
    return f" System temperature information (degree centigrade):\n ----------------------------------------------------------------------\n Slot  Sensor    Temperature   LowerLimit  Warning-UpperLimit  Alarm-UpperLimit  Shutdown-UpperLimit\n{rows}"


def _bgp(view: View, _: list[str]) -> str:
    box = view.box
    if not box.asn:
        return " BGP is not configured.\n"
    rows = "".join(
        f"  {p.address:<20}{p.asn:>8} {118:>8} {118:>8}    0     {214 if p.up else 0:>4} {since(view.now - p.changed):>9} {'Established' if p.up else 'Active'}\n"
        for p in box.peers.values()
    )
    return f"\n BGP local router ID: {box.router_id}\n Local AS number: {box.asn}\n Total number of peers: {len(box.peers)}\t\t  Peers in established state: {sum(p.up for p in box.peers.values())}\n\n  Peer                    AS  MsgRcvd  MsgSent OutQ  PrefRcv Up/Down  State\n\n{rows}"


def _bgp_seven(view: View, arguments: list[str]) -> str:
    return _bgp(view, arguments) if _seven(view) else _UNKNOWN


def _bgp_peer(view: View, arguments: list[str]) -> str:
    peer = view.box.peers.get(arguments[0])
    if not peer:
        return " The peer does not exist.\n"
    return f"\n         Peer: {peer.address}\n         Remote AS: {peer.asn}\n         Type: {'IBGP' if peer.internal else 'EBGP'} link\n         BGP current state: {'Established' if peer.up else 'Active'}, {'Up' if peer.up else 'Down'} for {since(view.now - peer.changed)}\n"


def _routes(view: View, _: list[str]) -> str:
    rows = "".join(
        f"{p.address + '/' + str(p.prefix):<19}Direct  0   0           {p.address:<15} {p.name}\n"
        for p in view.box.ports.values()
        if p.address and p.up
    )
    return f"Summary count : {rows.count(chr(10))}\n\nDestination/Mask   Proto   Pre Cost        NextHop         Interface\n{rows}"


def _route_statistics(view: View, _: list[str]) -> str:
    direct = sum(1 for port in view.box.ports.values() if port.address and port.up)
    return f"Total prefixes: {direct}     Active prefixes: {direct}\n\nProto      route       active      added       deleted\nDIRECT     {direct:<12}{direct:<12}{direct:<12}0\nTotal      {direct:<12}{direct:<12}{direct:<12}0\n"


def _neighbours(view: View, _: list[str]) -> str:
    rows = "".join(
        f"{port.neighbour[0]:<16}{port.name:<28}0200-0000-0000  {port.neighbour[1]}\n"
        for port in view.box.ports.values()
        if port.neighbour and port.up
    )
    return f"System Name     Local Interface             Chassis ID      Port ID\n{rows}"


def _irf(view: View, _: list[str]) -> str:
    return f"MemberID    Role    Priority  CPU-Mac         Description\n *+1        Master  1         {mac(view.box.mac, 'dash')}  ---\n--------------------------------------------------\n * indicates the device is the master.\n The bridge MAC of the IRF is: {mac(view.box.mac, 'dash')}\n"


def _vrrp(_view: View, _: list[str]) -> str:
    return "IPv4 virtual router information:\n Running mode : Standard\n Total number of virtual routers : 0\n"


def _clock(view: View, _: list[str]) -> str:
    at = view.clock
    return f"{at:%H:%M:%S}.{at.microsecond // 1000:03d} UTC {at:%a %m/%d/%Y}\n"


def _ntp(view: View, _: list[str]) -> str:
    if abs(view.box.hardware.skew_s) > 1:
        return " Clock status: unsynchronized\n Clock stratum: 16\n Reference clock ID: none\n"
    return " Clock status: synchronized\n Clock stratum: 3\n System peer: 192.0.2.123\n Clock offset: 0.412 ms\n"


def _current(view: View, _: list[str]) -> str:
    box = view.box
    ports = "".join(
        f"interface {port.name}\n port link-mode route\n"
        + (f" description {port.alias}\n" if port.alias else "")
        + (f" ip address {port.address} 255.255.255.{'255' if port.prefix == 32 else '252'}\n" if port.address else "")
        + ("" if port.admin else " shutdown\n")
        + "#\n"
        for port in box.ports.values()
    )
    unsaved = "" if box.hardware.saved else "dns domain changed-and-not-saved.example\n#\n"
    return (
        f"#\n version {box.hardware.version}, Release {box.hardware.release}\n#\n sysname {box.name}\n#\n{unsaved}local-user netops class manage\n password hash $h$6${PLANTED}\n service-type ssh\n authorization-attribute user-role network-operator\n#\n"
        f"{ports} snmp-agent\n snmp-agent community read cipher $c$3${PLANTED}\n snmp-agent sys-info location {box.site}\n#\nreturn\n"
    )


def _difference(view: View, _: list[str]) -> str:
    if not _seven(view):
        return _UNKNOWN
    if view.box.hardware.saved:
        return ""
    return "--- Startup configuration\n+++ Current configuration\n@@ -4,1 +4,2 @@\n #\n+ dns domain changed-and-not-saved.example\n"


def _diagnostic(view: View, _: list[str]) -> str:
    sections = (
        ("display clock", _clock), ("display version", _version), ("display current-configuration", _current), ("display logbuffer", _log),
        ("display interface", _interfaces), ("display cpu-usage", _cpu), ("display memory", _memory), ("display device", _device),
        ("display fan", _fan), ("display power", _power), ("display environment", _environment), ("display lldp neighbor-information list", _neighbours),
    )  # fmt: skip
    return "".join(
        f"\n===============================================\n  ==============={name}===============\n===============================================\n{say(view, [])}"
        for name, say in sections
    ) + bulk.registers(view)


COMMANDS: Commands = (
    ("display version", _version),
    ("display logbuffer", _log),
    ("display interface", _interfaces),
    ("display interface *", _interface),
    ("display cpu-usage", _cpu),
    ("display memory", _memory),
    ("display device", _device),
    ("display fan", _fan),
    ("display power", _power),
    ("display environment", _environment),
    ("display bgp peer ipv4", _bgp_seven),
    ("display bgp peer", _bgp),
    ("display bgp peer ipv4 * verbose", _bgp_peer),
    ("display ip routing-table statistics", _route_statistics),
    ("display ip routing-table protocol direct", _routes),
    ("display lldp neighbor-information list", _neighbours),
    ("display irf", _irf),
    ("display vrrp", _vrrp),
    ("display clock", _clock),
    ("display ntp-service status", _ntp),
    ("display current-configuration diff", _difference),
    ("display current-configuration", _current),
    ("display saved-configuration", _current),
    ("display diagnostic-information", _diagnostic),
)
