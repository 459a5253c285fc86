"""How a visit to a device over SSH ended for one command: a word for machines, a sentence for people."""

from collections.abc import Mapping
from enum import StrEnum

from agent.locale import N_


class Outcome(StrEnum):
    # the device was asked
    DONE = "done"
    TIMED_OUT = "timed_out"
    ENDLESS = "endless"
    DROPPED = "dropped"
    DEVICE_REFUSED = "device_refused"
    # nothing was sent
    NOT_ALLOWED = "not_allowed"
    NOT_ASKED = "not_asked"
    NOT_SET_UP = "not_set_up"
    # the device could not be reached
    UNREACHABLE = "unreachable"
    NO_ROUTE = "no_route"
    CONNECTION_REFUSED = "connection_refused"
    JUMP_FAILED = "jump_failed"
    # it could, and the login failed
    NO_COMMON_ALGORITHM = "no_common_algorithm"
    HOST_KEY_UNKNOWN = "host_key_unknown"
    HOST_KEY_CHANGED = "host_key_changed"
    HOST_KEY_REVOKED = "host_key_revoked"
    WRONG_PASSWORD = "wrong_password"  # noqa: S105 - no password, the name of one that was wrong
    WRONG_ENABLE = "wrong_enable"
    NO_PROMPT = "no_prompt"
    LOGIN_DROPPED = "login_dropped"


SENTENCES: Mapping[Outcome, str] = {
    Outcome.DONE: N_("The command was answered to its end."),
    Outcome.TIMED_OUT: N_("The command's time was up without a prompt; what came until then is kept."),
    Outcome.ENDLESS: N_("The output went past the command's limit of bytes or time; what came until then is kept."),
    Outcome.DROPPED: N_("The connection was lost in the middle; what came until then is kept."),
    Outcome.DEVICE_REFUSED: N_("The device does not know the command, or does not allow it; its answer is kept."),
    Outcome.NOT_ALLOWED: N_("The command is not on the platform's read-only list; no connection was made for it."),
    Outcome.NOT_ASKED: N_("The session was lost before the command could be sent."),
    Outcome.NOT_SET_UP: N_("The inventory lacks what the login needs, or it cannot be read."),
    Outcome.UNREACHABLE: N_("The device did not answer in time, or its name is not known."),
    Outcome.NO_ROUTE: N_("There is no route to the device."),
    Outcome.CONNECTION_REFUSED: N_("The device answered, but nothing listens on its SSH port."),
    Outcome.JUMP_FAILED: N_("A jump host on the way did not let us through."),
    Outcome.NO_COMMON_ALGORITHM: N_("The device and the agent have no SSH algorithm in common."),
    Outcome.HOST_KEY_UNKNOWN: N_("The device's host key is not known yet; no password was sent."),
    Outcome.HOST_KEY_CHANGED: N_("The device's host key is another than the known one; no password was sent."),
    Outcome.HOST_KEY_REVOKED: N_("The device shows a host key that is marked as revoked; no password was sent."),
    Outcome.WRONG_PASSWORD: N_("The device did not accept the user name with its password or key."),
    Outcome.WRONG_ENABLE: N_("The device did not accept the enable secret."),
    Outcome.NO_PROMPT: N_("The login succeeded, but no prompt of the platform came."),
    Outcome.LOGIN_DROPPED: N_("The device dropped the connection while we logged in."),
}
