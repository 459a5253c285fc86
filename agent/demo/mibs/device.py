"""Everything one device answers, put together."""

from agent.demo.fabric import Fabric
from agent.demo.mibs import arista, cisco, comware, huawei, juniper, rfc
from agent.demo.mibs.table import Cell
from agent.demo.state import Box

_VENDORS = {
    "cisco": cisco.cells,
    "huawei": huawei.cells,
    "comware": comware.cells,
    "juniper": juniper.cells,
    "arista": arista.cells,
}


def cells(box: Box, whole: Fabric) -> list[Cell]:
    """As things stand now: what moves by itself goes on moving, what a breakage changes has to be asked for again."""
    return [
        *rfc.system(box),
        *rfc.interfaces(box),
        *rfc.addresses(box),
        *rfc.bgp(box, whole),
        *rfc.ospf(box, whole),
        *rfc.lldp(box, whole),
        *rfc.configuration(box),
        *_VENDORS[box.family](box),
    ]
