"""Moves an inventory onto loopback addresses and ports of one's choice: several demonstrations run side by side."""

from dataclasses import replace
from ipaddress import AddressValueError, IPv4Address
from pathlib import Path

from agent.demo.hardware import hardware
from agent.inventory.device import Device, HostKeys, Method
from agent.inventory.inventory import Inventory

_SNMP_PORT, _SSH_PORT = 16161, 16122  # instead of ports that only root may use
_FIRST_FREE = 1024


def place(
    inventory: Inventory,
    folder: Path,
    *,
    prefix: str = "",
    snmp_port: int = 0,
    ssh_port: int = 0,
    smtp_port: int = 0,
) -> Inventory:
    """The inventory as agent and demonstration network both use it; what is not given stays.

    `prefix`, as `127.0.2.`: the devices become .1, .2, … in order. Without it devices whose address is not on
    loopback are moved to 127.0.1.x, so that no packet of a demonstration ever leaves the machine. SSH host keys are
    looked up in the folder's `known_hosts`, which the demonstration writes.
    """
    strangers = not all(_on_loopback(device.address) for device in inventory.devices.values())
    base = prefix or ("127.0.1." if strangers else "")
    devices = {
        name: _placed(device, f"{base}{number}" if base else device.address, folder, snmp_port, ssh_port)
        for number, (name, device) in enumerate(inventory.devices.items(), start=1)
    }
    smtp = inventory.policies.smtp
    if smtp:
        port = smtp_port or (smtp.port if smtp.port >= _FIRST_FREE else 2525)
        smtp = replace(smtp, host="127.0.0.1", port=port, starttls=False, username="", password="")
    return replace(inventory, devices=devices, policies=replace(inventory.policies, smtp=smtp))


def _placed(device: Device, address: str, folder: Path, snmp_port: int, ssh_port: int) -> Device:
    snmp, ssh = device.snmp, device.ssh
    if snmp:
        snmp = replace(snmp, port=snmp_port or _free(snmp.port, _SNMP_PORT))
    if ssh:
        port = ssh_port or _free(ssh.port, _SSH_PORT)
        ssh = replace(ssh, port=port, known_hosts=str(folder / "known_hosts"), host_keys=HostKeys.STRICT)
    answers = tuple(method for method in device.reachability if method is not Method.ICMP)  # loopback always answers
    return replace(
        device,
        address=address,
        platform=hardware(device.name, device.platform).platform,
        snmp=snmp,
        ssh=ssh,
        tcp_port=ssh.port if ssh else device.tcp_port,
        reachability=answers or (Method.TCP, Method.SNMP),
    )


def _free(port: int, instead: int) -> int:
    return port if port >= _FIRST_FREE else instead


def _on_loopback(address: str) -> bool:
    try:
        return IPv4Address(address).is_loopback
    except AddressValueError:
        return False
