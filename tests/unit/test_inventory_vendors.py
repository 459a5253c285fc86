"""Vendors and the replacing of hardware in an inventory: what is written is what counts, what is wrong is told."""

from datetime import timedelta
from pathlib import Path

import pytest

from agent.errors import InventoryError
from agent.inventory import parse
from agent.inventory.inventory import Inventory
from agent.inventory.vendors import Form, Minimum, Replacing, TooLarge

BASE = """
customers: {acme: {}}
sites: {hq: {customer: acme}}
devices: {sw1: {address: 192.0.2.1, site: hq}}
"""


def read(text: str) -> Inventory:
    return parse.parse(BASE + text, "i.yaml", lambda _: "x", lambda _: True)


def test_a_vendor_is_read_with_all_that_is_known_of_it() -> None:
    vendor = read(
        "vendors: {maker: {title: Maker, email: tac@maker.example, phone: '1', portal: 'https://maker.example/', "
        "contract: M-1, severities: {P1: Sev A}, updates: {P1: 30m}, largest_upload: 1.5GB, too_large: leave_out, "
        "form: tar.gz, naming: '{reference}_{device}'}}"
    ).vendors["maker"]
    assert (vendor.title, vendor.largest_upload, vendor.too_large, vendor.form) == (
        "Maker",
        1_500_000_000,
        TooLarge.LEAVE_OUT,
        Form.TAR_GZ,
    )
    assert (vendor.severity("P1"), vendor.severity("P3")) == ("Sev A", "P3")
    assert (vendor.update("P1"), vendor.update("P2")) == (timedelta(minutes=30), timedelta(hours=4))


def test_what_is_not_written_has_the_defaults_of_the_handbook() -> None:
    assert read("").policies.rma == Replacing()
    assert Replacing().return_within == 10
    found = read("policies: {rma: {return_within: 5, minimum_stock: [{part: P, at: headquarters, least: 2}]}}")
    assert found.policies.rma.return_within == 5
    assert found.policies.rma.minimum_stock == (Minimum(part="P", location="headquarters", least=2),)
    assert found.policies.rma.healthy_after == timedelta(minutes=30)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "vendors: {m: {largest_upload: 250}}",
            "vendors.m.largest_upload: '250' is no size. Write a number and a unit: 500KB",
        ),
        ("vendors: {m: {largest_upload: 1KB}}", "1KB cannot be an upload limit. Write 100KB to 1000GB"),
        ("vendors: {m: {naming: '../{case}'}}", "'../{case}' cannot be a file name. Write letters, digits"),
        ("vendors: {m: {naming: '{cas}'}}", "{cas} is no place of a file name"),
        (
            "vendors: {m: {naming: upload}}",
            "the name would be the same for every case. Write {case} or {reference} into it",
        ),
        ("vendors: {m: {naming: '.{case}'}}", "a file name cannot begin with a dot"),
        ("vendors: {m: {portal: 'javascript:alert(1)'}}", "must be the address of a web page. Write it as https://"),
        ("vendors: {m: {too_large: drop}}", "vendors.m.too_large"),
        ("vendors: {m: {severities: {P5: x}}}", "vendors.m.severities"),
        ("vendors: {m: {updates: {P1: soon}}}", "'soon' is not a duration"),
        ("vendors: {m: {e-mail: a@b.c}}", "vendors.m.e-mail"),
        ("policies: {rma: {return_within: 0}}", "policies.rma.return_within"),
        (
            "policies: {rma: {minimum_stock: [{part: P, at: hqq, least: 1}]}}",
            "policies.rma.minimum_stock[0].at: unknown location 'hqq'. Write one of: hq",
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_line_and_what_to_write_instead(text: str, told: str) -> None:
    with pytest.raises(InventoryError) as caught:
        read(text)
    assert told in str(caught.value)
    assert "i.yaml:5:" in str(caught.value)


def test_the_demonstration_has_a_vendor_and_minimums() -> None:
    text = (Path(__file__).parents[2] / "inventory.yaml").read_text("utf-8")
    found = parse.parse(text, "inventory.yaml", lambda _: "x", lambda _: True)
    assert found.vendors
    assert found.policies.rma.minimum_stock
