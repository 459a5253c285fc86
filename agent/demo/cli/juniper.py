"""Juniper Junos."""

# ruff: noqa: E501  (what a device prints is as wide as it is)

from datetime import timedelta

from agent.demo import wording
from agent.demo.cli import bulk, quiet
from agent.demo.cli.command import PLANTED, Commands, View, mac, rates, since
from agent.demo.state import Port


def _version(view: View, _: list[str]) -> str:
    it = view.box.hardware
    return f"Hostname: {view.box.name}\nModel: {it.model}\nJunos: {it.version}\nJUNOS OS Kernel 64-bit  [20230613.1_builder_stable_12]\nJUNOS OS libs [20230613.1_builder_stable_12]\n"


def _uptime(view: View, _: list[str]) -> str:
    booted = view.clock - timedelta(seconds=view.box.uptime(view.now))
    days, hours, minutes = (
        int(view.box.uptime(view.now)) // 86400,
        int(view.box.uptime(view.now)) // 3600 % 24,
        int(view.box.uptime(view.now)) // 60 % 60,
    )
    source = "LOCAL CLOCK" if abs(view.box.hardware.skew_s) > 1 else "NTP CLOCK"
    return (
        f"Current time: {view.clock:%Y-%m-%d %H:%M:%S} UTC\nTime Source:  {source}\nSystem booted: {booted:%Y-%m-%d %H:%M:%S} UTC ({since(view.box.uptime(view.now))} ago)\n"
        f"Protocols started: {booted:%Y-%m-%d %H:%M:%S} UTC ({since(view.box.uptime(view.now))} ago)\n{view.clock:%-I:%M%p}  up {days} days, {hours:2d}:{minutes:02d}, 1 user, load averages: 0.31, 0.28, 0.26\n"
    )


def _log(view: View, _: list[str]) -> str:
    return "".join(f"{wording.printed(view.box, line)}\n" for line in view.box.log)


def _interface_text(view: View, port: Port) -> str:
    received, sent = rates(port, view.now)
    if port.parent:
        return (
            f"  Logical interface {port.name} (Index {port.index - 170}) (SNMP ifIndex {port.index})\n    Flags: Up SNMP-Traps 0x4004000 Encapsulation: ENET2\n"
            f"    Protocol inet, MTU: 1500\n      Addresses, Flags: Is-Preferred Is-Primary\n        Destination: {port.address}/{port.prefix}, Local: {port.address}\n\n"
        )
    return (
        f"Physical interface: {port.name}, {'Enabled' if port.admin else 'Administratively down'}, Physical link is {'Up' if port.up else 'Down'}\n"
        f"  Interface index: {port.index - 370}, SNMP ifIndex: {port.index}\n"
        + (f"  Description: {port.alias}\n" if port.alias else "")
        + f"  Link-level type: Ethernet, MTU: 1514, Speed: {port.speed // 10**6}mbps, Loopback: Disabled\n"
        f"  Current address: {mac(port.mac, 'colon')}, Hardware address: {mac(port.mac, 'colon')}\n  Last flapped   : {since(view.now - port.changed)} ago\n"
        f"  Statistics last cleared: Never\n  Traffic statistics:\n   Input  bytes  : {port.in_octets.read(view.now):>20} {received:>20} bps\n   Output bytes  : {port.out_octets.read(view.now):>20} {sent:>20} bps\n"
        f"   Input  packets: {port.in_octets.read(view.now) // 600:>20} {received // 4800:>20} pps\n   Output packets: {port.out_octets.read(view.now) // 600:>20} {sent // 4800:>20} pps\n"
        f"  Input errors:\n    Errors: {port.in_errors.read(view.now)}, Drops: 0, Framing errors: {port.in_errors.read(view.now)}, Runts: 0, Policed discards: 0\n  Output errors:\n    Carrier transitions: 3, Errors: 0, Drops: 0, Collisions: 0\n\n"
    )


def _interfaces(view: View, _: list[str]) -> str:
    return "".join(_interface_text(view, port) for port in view.box.ports.values())


def _interface(view: View, arguments: list[str]) -> str:
    port = view.port(arguments[0])
    if not port:
        return f"error: device {arguments[0]} not found\n"
    units = [unit for unit in view.box.ports.values() if unit.parent == port.name]
    return "".join(_interface_text(view, it) for it in (port, *units))


def _terse(view: View, _: list[str]) -> str:
    rows = "".join(
        f"{p.name:<24}{'up' if p.admin else 'down':<6}{'up' if p.up else 'down':<5}{'inet     ' + p.address + '/' + str(p.prefix) if p.address else ''}\n"
        for p in view.box.ports.values()
    )
    return f"Interface               Admin Link Proto    Local                 Remote\n{rows}"


def _engine(view: View, _: list[str]) -> str:
    load, box = view.box.cpu_pct(view.now), view.box
    return (
        f"Routing Engine status:\n  Slot 0:\n    Current state                  Master\n    Election priority              Master (default)\n    Temperature                 {box.celsius(0, view.now)} degrees C / {box.celsius(0, view.now) * 9 // 5 + 32} degrees F\n"
        f"    DRAM                      {box.hardware.memory_mb} MB ({box.hardware.memory_mb} MB installed)\n    Memory utilization          {box.memory_pct(view.now)} percent\n"
        f"    CPU utilization:\n      User                       {load - 2} percent\n      Background                  0 percent\n      Kernel                      2 percent\n      Interrupt                   0 percent\n      Idle                       {100 - load} percent\n"
        f"    Model                          RE-S-1800x4\n    Serial number                  {box.serial}\n    Uptime                         {since(box.uptime(view.now))}\n    Last reboot reason             Router rebooted after a normal shutdown.\n"
    )


def _processes(view: View, _: list[str]) -> str:
    load = view.box.cpu_pct(view.now)
    return f"last pid: 19482;  load averages:  {load / 50:.2f},  {load / 50:.2f},  {load / 50:.2f}\n142 processes: 2 running, 140 sleeping\nCPU: {load - 2:.1f}% user,  0.0% nice,  2.0% system,  0.0% interrupt, {100 - load:.1f}% idle\n\n  PID USERNAME    THR PRI NICE   SIZE    RES STATE   C   TIME    WCPU COMMAND\n 7403 root          4  20    0   881M   212M kqread  0  31.2H  {load / 2:.2f}% rpd\n"


def _memory(view: View, _: list[str]) -> str:
    used, total = view.box.memory_bytes(view.now)
    return f"System memory usage distribution:\n          Total memory:  {total >> 10} Kbytes (100%)\n          Active memory: {used >> 10} Kbytes ({used * 100 // total:3d}%)\n          Free memory:   {(total - used) >> 10} Kbytes ({100 - used * 100 // total:3d}%)\n"


def _environment(view: View, _: list[str]) -> str:
    box = view.box
    rows = "".join(
        f"Temp  {sensor.name:<30}{'Check' if box.hot and n == 0 else 'OK':<10}{box.celsius(n, view.now)} degrees C\n"
        for n, sensor in enumerate(box.hardware.sensors)
    )
    fans = "".join(
        f"Fans  {fan:<30}{'Failed' if fan in box.dead_fans else 'OK':<10}{'' if fan in box.dead_fans else 'Spinning at normal speed'}\n"
        for fan in box.hardware.fans
    )
    supplies = "".join(
        f"Power {it:<30}{'Failed' if it in box.dead_supplies else 'OK'}\n" for it in box.hardware.power_supplies
    )
    return f"Class Item                          Status    Measurement\n{rows}{fans}{supplies}"


def _alarms(view: View, _: list[str]) -> str:
    box = view.box
    rows = [f"Major  {name} Failure" for name in (*sorted(box.dead_fans), *sorted(box.dead_supplies))] + (
        ["Minor  Routing Engine 0 Temperature Hot"] if box.hot else []
    )
    listed = "".join(f"{view.clock:%Y-%m-%d %H:%M:%S} UTC  {row}\n" for row in rows)
    return (
        f"{len(rows)} alarms currently active\nAlarm time               Class  Description\n{listed}"
        if rows
        else "No alarms currently active\n"
    )


def _bgp(view: View, _: list[str]) -> str:
    box = view.box
    if not box.asn:
        return "BGP is not running\n"
    rows = "".join(
        f"{p.address:<22}{p.asn:>8} {118:>10} {118:>10}       0 {p.flaps:>6} {since(view.now - p.changed):>12} {'214/214/214/0' if p.up else 'Active'}\n"
        for p in box.peers.values()
    )
    return f"Threading mode: BGP I/O\nGroups: 1 Peers: {len(box.peers)} Down peers: {sum(not p.up for p in box.peers.values())}\nPeer                     AS      InPkt     OutPkt    OutQ   Flaps Last Up/Dwn State|#Active/Received/Accepted/Damped...\n{rows}"


def _bgp_neighbour(view: View, arguments: list[str]) -> str:
    peer = view.box.peers.get(arguments[0])
    if not peer:
        return f"error: neighbor {arguments[0]} not found\n"
    return f"Peer: {peer.address}+179 AS {peer.asn}      Local: {peer.local}+41952 AS {view.box.asn}\n  Type: {'Internal' if peer.internal else 'External'}    State: {'Established' if peer.up else 'Active'}    Flags: <Sync>\n  Last State: {'OpenConfirm' if peer.up else 'Idle'}    Last Event: {'RecvKeepAlive' if peer.up else 'HoldTime'}\n  Last Error: {'None' if peer.up else 'Hold Timer Expired Error'}\n  Number of flaps: {peer.flaps}\n"


def _route_summary(view: View, _: list[str]) -> str:
    direct = sum(1 for port in view.box.ports.values() if port.address and port.up)
    bgp = 214 * sum(peer.up for peer in view.box.peers.values())
    return f"Router ID: {view.box.router_id}\n\ninet.0: {direct + bgp} destinations, {direct + bgp} routes ({direct + bgp} active, 0 holddown, 0 hidden)\n              Direct: {direct:>6} routes, {direct:>6} active\n                 BGP: {bgp:>6} routes, {bgp:>6} active\n"


def _routes(view: View, _: list[str]) -> str:
    rows = "".join(
        f"* {p.address}/{p.prefix:<4} D   0                       >{p.name}\n"
        for p in view.box.ports.values()
        if p.address and p.up
    )
    return (
        f"inet.0: active routes\n\nA V Destination        P Prf   Metric 1   Metric 2  Next hop        AS path\n{rows}"
    )


def _neighbours(view: View, _: list[str]) -> str:
    rows = "".join(
        f"{port.name:<19}-                   02:00:00:00:00:00   {port.neighbour[1]:<26}{port.neighbour[0]}\n"
        for port in view.box.ports.values()
        if port.neighbour and port.up
    )
    return f"Local Interface    Parent Interface    Chassis Id          Port info                 System Name\n{rows}"


def _vrrp(_view: View, _: list[str]) -> str:
    return "Interface     State       Group   VR state       VR Mode    Type   Address\n"


def _ntp(view: View, _: list[str]) -> str:
    if abs(view.box.hardware.skew_s) > 1:
        return "status=c011 sync_alarm, sync_unspec, 1 event, event_restart,\nstratum=16, refid=INIT\n"
    return "status=0644 leap_none, sync_ntp, 4 events, event_peer/strat_chg,\nstratum=3, precision=-23, rootdelay=4.120, refid=192.0.2.123, offset=0.412\n"


def _commit(view: View, _: list[str]) -> str:
    return f"0   {view.clock - timedelta(days=12):%Y-%m-%d %H:%M:%S} UTC by netops via cli\n1   {view.clock - timedelta(days=40):%Y-%m-%d %H:%M:%S} UTC by netops via cli\n"


def _configuration(view: View, _: list[str]) -> str:
    box = view.box
    ports = "".join(
        f'    {p.name} {{\n        description "{p.alias}";\n        unit 0 {{\n            family inet;\n        }}\n    }}\n'
        for p in box.ports.values()
        if p.physical and p.alias
    )
    return (
        f'## Last commit: {view.clock - timedelta(days=12):%Y-%m-%d %H:%M:%S} UTC by netops\nversion {box.hardware.version};\nsystem {{\n    host-name {box.name};\n    root-authentication {{\n        encrypted-password "$6${PLANTED}"; ## SECRET-DATA\n    }}\n'
        f"    services {{\n        ssh;\n    }}\n}}\ninterfaces {{\n{ports}}}\nsnmp {{\n    location {box.site};\n    community {PLANTED} {{\n        authorization read-only;\n    }}\n}}\n"
    )


def _support(view: View, _: list[str]) -> str:
    sections = (
        ("show system uptime", _uptime), ("show version detail", _version), ("show configuration", _configuration), ("show log messages", _log),
        ("show interfaces extensive", _interfaces), ("show chassis routing-engine", _engine), ("show chassis environment", _environment),
        ("show chassis alarms", _alarms), ("show bgp summary", _bgp), ("show lldp neighbors", _neighbours),
    )  # fmt: skip
    return "".join(
        f"\nroot@{view.box.name}> {name} no-forwarding\n\n{say(view, [])}" for name, say in sections
    ) + bulk.registers(view)


COMMANDS: Commands = (
    *quiet.JUNIPER,
    ("show version", _version),
    ("show version detail", _version),
    ("show system uptime", _uptime),
    ("show log messages", _log),
    ("show interfaces terse", _terse),
    ("show interfaces", _interfaces),
    ("show interfaces * extensive", _interface),
    ("show interfaces *", _interface),
    ("show chassis routing-engine", _engine),
    ("show system processes summary", _processes),
    ("show system memory", _memory),
    ("show chassis environment", _environment),
    ("show chassis alarms", _alarms),
    ("show system alarms", _alarms),
    ("show bgp summary", _bgp),
    ("show bgp neighbor *", _bgp_neighbour),
    ("show route summary", _route_summary),
    ("show route protocol direct terse", _routes),
    ("show lldp neighbors", _neighbours),
    ("show vrrp summary", _vrrp),
    ("show ntp status", _ntp),
    ("show system commit", _commit),
    ("show configuration", _configuration),
    ("request support information", _support),
)
