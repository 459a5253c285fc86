"""A fault: something wrong with a subject, from when it began until it is over."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from agent.observation import Subject


class FaultKind(StrEnum):
    # the device as a whole
    DEVICE_UNREACHABLE = "device_unreachable"
    SNMP_AGENT_DEAD = "snmp_agent_dead"
    DEVICE_RESTARTED = "device_restarted"
    HOST_KEY_CHANGED = "host_key_changed"
    LATENCY_HIGH = "latency_high"
    PACKET_LOSS = "packet_loss"
    STALE_COLLECTION = "stale_collection"  # it answers, and its counters have not been seen for long
    CLOCK_UNSYNCHRONISED = "clock_unsynchronised"
    CONFIGURATION_CHANGED = "configuration_changed"
    LICENCE_EXPIRING = "licence_expiring"
    CERTIFICATE_EXPIRING = "certificate_expiring"
    MAINTENANCE_LEFTOVER = "maintenance_leftover"  # in order when a window began, and not when it was over
    SYSLOG_PATTERN = "syslog_pattern"  # what an operator asked to be told of
    # interfaces
    INTERFACE_DOWN = "interface_down"
    INTERFACE_ERRORS = "interface_errors"
    INTERFACE_DISCARDS = "interface_discards"
    INTERFACE_SATURATED = "interface_saturated"
    SPEED_CHANGED = "speed_changed"
    DUPLEX_CHANGED = "duplex_changed"
    OPTICAL_POWER = "optical_power"
    LAG_MEMBER_DOWN = "lag_member_down"
    # resources
    CPU_HIGH = "cpu_high"
    MEMORY_HIGH = "memory_high"
    STORAGE_FULL = "storage_full"
    # hardware
    TEMPERATURE_HIGH = "temperature_high"
    FAN_FAILED = "fan_failed"
    POWER_SUPPLY_FAILED = "power_supply_failed"
    MODULE_FAILED = "module_failed"
    STACK_DEGRADED = "stack_degraded"
    REDUNDANCY_LOST = "redundancy_lost"
    FAILOVER = "failover"
    CHASSIS_ALARM = "chassis_alarm"
    SENSOR_OUT_OF_RANGE = "sensor_out_of_range"
    # routing
    BGP_PEER_DOWN = "bgp_peer_down"
    OSPF_NEIGHBOUR_DOWN = "ospf_neighbour_down"
    BFD_SESSION_DOWN = "bfd_session_down"
    # what history shows
    CPU_UNUSUAL = "cpu_unusual"
    MEMORY_UNUSUAL = "memory_unusual"
    TRAFFIC_UNUSUAL = "traffic_unusual"
    LATENCY_UNUSUAL = "latency_unusual"
    RISING_FAST = "rising_fast"
    STORAGE_FILLING = "storage_filling"
    MEMORY_FILLING = "memory_filling"
    INTERFACE_FILLING = "interface_filling"
    # what only a problem is, never one fault
    SITE_DOWN = "site_down"
    MASS_OUTAGE = "mass_outage"


class FaultState(StrEnum):
    SUSPECT = "suspect"  # seen, not believed yet
    CONFIRMED = "confirmed"
    CLEARED = "cleared"


class Reason(StrEnum):
    """Why an open fault, or one that is over, has no case of its own."""

    UNCONFIRMED = "unconfirmed"  # seen, not believed yet, or gone when looked at again
    SETTLING = "settling"  # it waits a little, so that a cut is seen whole
    SYMPTOM = "symptom"  # another fault explains it, and stands in the case
    MAINTENANCE = "maintenance"
    ACKNOWLEDGED = "acknowledged"  # a person said so
    NO_CASE = "no_case"  # its rule opens none
    RESTARTING = "restarting"  # it is what takes its time after a restart
    RECOVERING = "recovering"  # seen in order again, and not yet believed
    FLAPPING = "flapping"  # seen again of what comes and goes; its case, if any, is the one of the last time
    LEFT_INVENTORY = "left_inventory"
    OVER = "over"  # it ended before a case was due


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """`last_good` < the true beginning ≤ `began`: the fault lies provably between two observations.

    `cause` is the fault that explains this one (its id), `because` the sentence why; `suppressed` the sentence why no
    case is opened for it, or empty, with the word for it and until when, where that is known (`ledger.standing`
    says it of every fault). `case` is the number of the case that it belongs to, 0 for none.
    """

    id: str
    subject: Subject
    kind: FaultKind
    state: FaultState
    began: datetime
    reason: str  # "oper down, admin up"; "97 % ≥ 90 %"
    last_good: datetime | None = None
    last_seen: datetime | None = None  # the last bad observation
    bad: int = 1  # bad observations in a row
    good: int = 0  # good observations in a row since the last bad one
    recovering: datetime | None = None  # the first good observation of the present row
    confirmed: datetime | None = None
    cleared: datetime | None = None
    value: float | None = None
    threshold: float | None = None
    cause: str = ""
    because: str = ""
    recent: str = ""  # the last outcomes of a suspect of n in m: see agent.faults.confirmation
    flaps: int = 0  # how often it went down, since `unsteady_since`
    unsteady_since: datetime | None = None  # the first of these times
    penalty: float = 0.0  # what they are worth at `penalty_at`, the last of them
    penalty_at: datetime | None = None
    flapping: bool = False
    alone_since: datetime | None = None  # its cause is over since then; it must be seen again to stand on its own
    suppressed: str = ""
    suppressed_as: Reason | None = None
    suppressed_since: datetime | None = None
    suppressed_until: datetime | None = None
    acknowledged: str = ""  # a person's word that it is known, and needs no case
    case: int = 0

    @property
    def active(self) -> bool:
        return self.state is FaultState.CONFIRMED

    @property
    def key(self) -> str:
        """At most one fault of a key is open (suspect or confirmed) at a time; the store enforces it."""
        return f"{self.kind}|{self.subject}"
