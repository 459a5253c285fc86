"""The tail of a `show tech-support`: hundreds of kilobytes of registers that only a vendor reads."""

# ruff: noqa: E501  (what a device prints is as wide as it is)

from agent.demo import state
from agent.demo.cli.command import View

_ROWS = 4_000


def registers(view: View) -> str:
    seed = state.number(view.box.name)
    rows = []
    for row in range(_ROWS):
        seed = (seed * 1103515245 + 12345) % 2**31
        rows.append(
            f"0x{0x7F2A0000 + 16 * row:08X}: {seed:08X} {seed ^ 0x5A5A5A5A:08X} {seed >> 3:08X} {seed >> 7:08X}  asic{row % 4}.reg{row:05d}"
        )
    return "\n------------------ show platform hardware registers ------------------\n\n" + "\n".join(rows) + "\n"
