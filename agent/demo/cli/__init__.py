"""The command lines of the demonstration's devices: one file a vendor, every answer worked out from its state."""

from agent.demo.cli import arista, cisco, comware, huawei, juniper
from agent.demo.cli.command import Commands, View, filtered, find
from agent.demo.state import Box

_COMMANDS: dict[str, Commands] = {
    "cisco": cisco.COMMANDS,
    "arista": arista.COMMANDS,
    "huawei": huawei.COMMANDS,
    "comware": comware.COMMANDS,
    "juniper": juniper.COMMANDS,
}
_REFUSALS = {
    "cisco": "      ^\n% Invalid input detected at '^' marker.\n\n",
    "arista": "% Invalid input\n",
    "huawei": "         ^\nError: Unrecognized command found at '^' position.\n",
    "comware": "          ^\n % Unrecognized command found at '^' position.\n",
    "juniper": "           ^\nunknown command.\n",
}
_PAGING = {
    "cisco": ("terminal length 0",),
    "arista": ("terminal length 0",),
    "huawei": ("screen-length 0 temporary",),
    "comware": ("screen-length disable",),
    "juniper": ("set cli screen-length 0",),
}
# What sets the terminal up, and what the device says to it.
_SETTINGS = {
    "cisco": {"terminal width": "", "terminal no monitor": ""},
    "arista": {"terminal width": "Width set to 511 columns.\n", "terminal dont-ask": ""},
    "huawei": {"undo terminal": ""},
    "comware": {"undo terminal": ""},
    "juniper": {
        "set cli complete-on-space": "Disabling complete-on-space\n",
        "set cli screen-width": "Screen width set to 511\n",
    },
}


def answer(view: View, line: str) -> str:
    command, *pipes = line.split("|")
    for setting, said in _SETTINGS[view.box.family].items():
        if line.lower().startswith(setting):
            return said
    found = find(_COMMANDS[view.box.family], command)
    return filtered(found[0](view, found[1]), pipes) if found else _REFUSALS[view.box.family]


def question(box: Box, line: str) -> str:
    """What the device asks before it answers; empty where it does not. Anything but `n` would write a file there."""
    asks = box.family == "comware" and line.lower().startswith("display diagnostic-information")
    return "Save or display diagnostic information (Y=save, N=display)? [Y/N]:" if asks else ""


def disables_paging(box: Box, line: str) -> bool:
    return line.lower() in _PAGING[box.family]


def paging_off(box: Box) -> str:
    words = {"juniper": "Screen length set to 0\n", "arista": "Pagination disabled.\n"}
    return words.get(box.family, "")


def greeting(box: Box) -> str:
    if box.family == "juniper":
        return f"--- JUNOS {box.hardware.version} Kernel 64-bit  JNPR-12.1-20230613.1_buil\n"
    if box.family in ("huawei", "comware"):
        return "\nInfo: The max number of VTY users is 5, and the number of current VTY users on line is 1.\n" * (
            box.family == "huawei"
        )
    return "\nAuthorized access only. Everything is recorded.\n\n"
