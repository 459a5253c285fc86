"""What six real routers can suffer, and which cases must come of it: this table was written before anything was run.

Each row breaks one thing and mends it. Nothing more may come of it than what stands here, and nothing less.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Case:
    kinds: tuple[str, ...]  # any of them
    subjects: tuple[str, ...]  # any of them: which end is seen first is chance
    severity: str
    says: str = ""  # stands in one of its reasons


@dataclass(frozen=True, slots=True)
class Row:
    fault: tuple[str, ...]
    cases: tuple[Case, ...]
    why: str
    mend: tuple[tuple[str, ...], ...] | None = None  # what heals it, where that is not the fault itself
    watch_s: float = 8.0  # so long nothing else may come
    wait_s: float = 60.0  # so long a case may take


def one(kind: str, *subjects: str, severity: str = "P3", says: str = "") -> tuple[Case, ...]:
    return (Case((kind,), subjects, severity, says),)


NOTHING: tuple[Case, ...] = ()

TABLE: tuple[Row, ...] = (
    # cables
    Row(("carrier", "r1", "r2"), one("interface_down", "r1/interface:eth1"), "no carrier at r1, r2's end switched off"),
    Row(
        ("link", "r1", "r2"), one("interface_down", "r2/interface:eth1"), "r1 shut it on purpose: r2's end is the fault"
    ),
    Row(
        ("flap", "r1", "r2", "8", "1"),
        one("interface_down", "r1/interface:eth1", "r2/interface:eth1", says="flapped"),
        "one case with a count, however often",
        mend=(),
    ),
    Row(
        ("carrier", "r4", "r6"),
        one("interface_down", "r4/interface:eth3", severity="P2"),
        "the only way to the branch: r6 is a symptom",
    ),
    Row(
        ("link", "r4", "r6"),
        one("device_unreachable", "r6", severity="P2"),
        "r4's end is shut on purpose, so no interface is at fault; the branch is silent all the same",
    ),
    Row(("rate", "r1", "r2", "256"), NOTHING, "a narrow link that nobody fills"),
    Row(("ospf-cost", "r1", "r2", "100"), NOTHING, "another way is taken, nothing is lost"),
    # routing
    Row(("daemon", "r1", "bgpd"), one("bgp_peer_down", "r1", severity="P2"), "each session of r1 is gone: one case"),
    Row(("hang", "r1", "bgpd"), one("bgp_peer_down", "r1", severity="P2"), "it is there and does not answer"),
    Row(
        ("bgp-shut", "r1", "10.0.15.2"),
        one("bgp_peer_down", "r5/bgp_peer:10.0.15.1"),
        "r1 wants it so, r5 misses its peer",
    ),
    Row(("daemon", "r1", "ospfd"), one("ospf_neighbour_down", "r1", severity="P2"), "its adjacencies; BGP follows"),
    Row(("hang", "r1", "ospfd"), one("ospf_neighbour_down", "r1", severity="P2"), "the same"),
    Row(
        ("mtu", "r1", "r2", "1400"),
        one("ospf_neighbour_down", "r1/ospf_neighbour:10.0.12.2", "r2/ospf_neighbour:10.0.12.1"),
        "stuck in ExStart: one case for both ends",
    ),
    Row(
        ("loss", "r1", "r2", "100"),
        one("ospf_neighbour_down", "r1/ospf_neighbour:10.0.12.2", "r2/ospf_neighbour:10.0.12.1"),
        "a link that is up and carries nothing",
    ),
    # the agent's own way, and SNMP
    Row(("daemon", "r1", "snmpd"), one("snmp_agent_dead", "r1", severity="P4"), "we are blind; the network works"),
    Row(("hang", "r1", "snmpd"), one("snmp_agent_dead", "r1", severity="P4"), "the same"),
    Row(("community", "r1"), one("snmp_agent_dead", "r1", severity="P4"), "it answers nobody who asks as we do"),
    Row(
        ("mgmt", "r1"),
        one("device_unreachable", "r1", says="still see it"),
        "its neighbours' sessions with it stand: the way to it is lost, not the router",
    ),
    Row(("loss", "r1", "noc", "45"), one("packet_loss", "r1"), "half of what we send is lost"),
    Row(("delay", "r1", "200"), one("latency_high", "r1", severity="P4"), "it answers late"),
    # programs that no poll sees
    Row(("daemon", "r1", "lldpd"), NOTHING, "a neighbour that is not told is no neighbour lost"),
    Row(("daemon", "r1", "rsyslogd"), NOTHING, "silence of a log is no fault"),
    Row(("daemon", "r1", "sshd"), NOTHING, "nobody logs in meanwhile"),
    Row(("env", "r1", "fan"), NOTHING, "only its `show environment` knows; it stands in evidence"),
    # resources
    Row(("disk", "r1"), one("storage_full", "r1/storage:/var/log"), "the log's file system is full"),
    # power
    Row(
        ("reboot", "r4", "4"),
        (Case(("device_unreachable", "device_restarted"), ("r4",), "P2"),),
        "one case of the outage or of the restart, and r6 behind it is a symptom",
        mend=(),
    ),
    Row(("off", "r4"), one("device_unreachable", "r4", severity="P2"), "the branch behind it is a symptom"),
)
