"""Moves an inventory onto loopback addresses and ports of one's choice: several demonstrations run side by side."""

from dataclasses import replace
from ipaddress import IPv4Address
from pathlib import Path

from agent.inventory.device import Device
from agent.inventory.inventory import Inventory


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
    strangers = any(not IPv4Address(device.address).is_loopback for device in inventory.devices.values())
    base = prefix or ("127.0.1." if strangers else "")
    devices = {
        name: _placed(device, f"{base}{number}" if base else device.address, folder, snmp_port, ssh_port)
        for number, (name, device) in enumerate(inventory.devices.items(), start=1)
    }
    smtp = inventory.policies.smtp
    if smtp:
        smtp = replace(smtp, host="127.0.0.1", port=smtp_port or smtp.port, starttls=False, username="", password="")
    return replace(inventory, devices=devices, policies=replace(inventory.policies, smtp=smtp))


def _placed(device: Device, address: str, folder: Path, snmp_port: int, ssh_port: int) -> Device:
    snmp, ssh = device.snmp, device.ssh
    if snmp:
        snmp = replace(snmp, port=snmp_port or snmp.port)
    if ssh:
        ssh = replace(ssh, port=ssh_port or ssh.port, known_hosts=str(folder / "known_hosts"), strict_host_key=True)
    return replace(device, address=address, snmp=snmp, ssh=ssh, tcp_port=ssh.port if ssh else device.tcp_port)
