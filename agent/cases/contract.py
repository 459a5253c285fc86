"""Which contract a problem is under, and whether that holds: valid, expired, not covered or unknown, with the sentence
why. It decides what is said of the case, never whether there is one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from agent.inventory.customers import Contract
from agent.inventory.device import Device
from agent.inventory.inventory import Inventory


class Status(StrEnum):
    VALID = "valid"
    EXPIRED = "expired"
    NOT_COVERED = "not_covered"  # the contract is there, but not for this device, serial number, customer or day
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What somebody says; any of it may be missing or wrong."""

    number: str = ""
    serial: str = ""
    device: str = ""  # its name or its address
    customer: str = ""  # its short name


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """`number` is the contract's own, as the inventory writes it, or what was said where there is none of that name."""

    status: Status
    because: str
    number: str = ""
    device: str = ""  # the inventory's, found by name, address or serial number
    customer: str = ""
    site: str = ""


Serials = Mapping[str, str]
"""Device by serial number (`serial`), as the polls told of them and their parts."""


def serial(text: str) -> str:
    """As serial numbers are compared: people write them with spaces and in small letters."""
    return "".join(text.split()).upper()


def look_up(claim: Claim, inventory: Inventory, serials: Serials, now: datetime) -> Finding:
    """A contract begins and ends at midnight where it is served."""
    told = find_device(claim.device, inventory)
    by_serial = inventory.devices.get(serials.get(serial(claim.serial), "")) if claim.serial else None
    device = told or by_serial
    contract = _contract(claim, device, inventory, now)
    number = contract.number if contract else claim.number.strip()
    customer = _customer(claim, device, contract, inventory)
    status, because = _judged(claim, contract, told, by_serial, customer, inventory, now)
    return Finding(
        status=status,
        because=because,
        number=number,
        device=device.name if device else "",
        customer=customer,
        site=device.site if device else "",
    )


def find_device(text: str, inventory: Inventory) -> Device | None:
    """By its name, in any letters, with or without a domain, or by its address."""
    wanted = text.strip().lower()
    if not wanted:
        return None
    if exact := inventory.devices.get(text.strip()):
        return exact
    names = {wanted, wanted.partition(".")[0]} if not wanted.replace(".", "").isdigit() else {wanted}
    found = (d for d in inventory.devices.values() if d.name.lower() in names or d.address.lower() == wanted)
    return next(found, None)


def find_contract(number: str, inventory: Inventory) -> Contract | None:
    """By its number, in any letters and spaces."""
    if exact := inventory.contracts.get(number.strip()):
        return exact
    wanted = serial(number)
    found = (contract for contract in inventory.contracts.values() if serial(contract.number) == wanted)
    return next(found, None) if wanted else None


def _contract(claim: Claim, device: Device | None, inventory: Inventory, now: datetime) -> Contract | None:
    """The one that was named; else the device's, the one that lists the serial number, the customer's only one."""
    if claim.number.strip():
        return find_contract(claim.number, inventory)
    if device:
        return inventory.contracts.get(device.contract)
    if claim.serial:
        return next((c for c in _newest(inventory) if serial(claim.serial) in c.serials), None)
    theirs = [c for c in _newest(inventory) if claim.customer and c.customer == claim.customer]
    current = [c for c in theirs if c.covers(_today(c, None, inventory, now))]
    if len(current) == 1:
        return current[0]
    return theirs[0] if theirs and not current else None


def _today(contract: Contract, device: Device | None, inventory: Inventory, now: datetime) -> date:
    """On the contract's own clock, else the site's, else that of the customer's sites where they have only one."""
    site = inventory.sites.get(device.site) if device else None
    theirs = {each.timezone for each in inventory.sites.values() if each.customer == contract.customer}
    zone = contract.timezone or (site.timezone if site else theirs.pop() if len(theirs) == 1 else "UTC")
    return now.astimezone(ZoneInfo(zone)).date()


def _newest(inventory: Inventory) -> Iterable[Contract]:
    return sorted(inventory.contracts.values(), key=lambda contract: contract.ends, reverse=True)


def _customer(claim: Claim, device: Device | None, contract: Contract | None, inventory: Inventory) -> str:
    """Whose it is. A person's word comes first, as far as it names one of ours."""
    if claim.customer in inventory.customers:
        return claim.customer
    return device.customer if device else contract.customer if contract else ""


def _judged(
    claim: Claim,
    contract: Contract | None,
    told: Device | None,
    by_serial: Device | None,
    customer: str,
    inventory: Inventory,
    now: datetime,
) -> tuple[Status, str]:
    device = told or by_serial
    if contract is None:
        return Status.UNKNOWN, _nowhere(claim, device, inventory)
    if contract.customer != customer:
        return Status.NOT_COVERED, f"contract {contract.number} is {contract.customer}'s, not {customer}'s"
    today = _today(contract, device, inventory, now)
    if today > contract.ends:
        return Status.EXPIRED, f"contract {contract.number} ended on {contract.ends}"
    if today < contract.starts:
        return Status.NOT_COVERED, f"contract {contract.number} begins only on {contract.starts}"
    if missing := _left_out(claim, contract, told, by_serial):
        return Status.NOT_COVERED, missing
    return Status.VALID, f"contract {contract.number} covers {_what(claim, device, contract)} until {contract.ends}"


def _nowhere(claim: Claim, device: Device | None, inventory: Inventory) -> str:
    if number := claim.number.strip():
        hint = ""
        if device and device.contract in inventory.contracts:
            hint = f"; {device.name} is under contract {device.contract}"
        return f"no contract has the number {number}{hint}"
    if device:
        return f"{device.name} is under no contract"
    if claim.serial:
        return f"no device and no contract is known with the serial number {serial(claim.serial)}"
    if claim.device:
        return f"no contract number was given, and no device of the inventory is {claim.device.strip()}"
    if claim.customer:
        return f"no contract number was given, and {claim.customer} has none or several"
    return "no contract number, serial number or device was given"


def _left_out(claim: Claim, contract: Contract, told: Device | None, by_serial: Device | None) -> str:
    """Why a contract that holds is not for what was named; empty where it is."""
    listed = claim.serial and serial(claim.serial) in contract.serials
    for device in (told, by_serial):
        if device and device.contract != contract.number and not listed:
            other = f"contract {device.contract}" if device.contract else "no contract"
            serial_of = f" with the serial number {serial(claim.serial)}" if device is by_serial else ""
            return f"contract {contract.number} is not for {device.name}{serial_of}, which is under {other}"
    if claim.serial and not by_serial and not listed and not (told and not contract.serials):
        return f"nothing under contract {contract.number} is known with the serial number {serial(claim.serial)}"
    return ""


def _what(claim: Claim, device: Device | None, contract: Contract) -> str:
    if device:
        return device.name
    return f"the serial number {serial(claim.serial)}" if claim.serial else contract.customer
