"""Which device a line's own host name means."""

from agent.app import syslog
from agent.inventory import parse

INVENTORY = """
version: 1
customers:
  us: {}
sites:
  lab: {customer: us}
defaults: {site: lab}
devices:
  core1.example.net: {address: 192.0.2.1}
  edge: {address: 192.0.2.2}
  sw.a: {address: 192.0.2.3}
  sw.b: {address: 192.0.2.4}
"""


def test_a_name_an_address_and_the_name_up_to_the_dot_mean_the_device():
    named = syslog.names(parse.parse(INVENTORY, "inventory.yaml", lambda _: None))
    assert named("CORE1.example.net") == named("core1") == named("192.0.2.1") == "core1.example.net"
    assert named("edge.example.org") == "edge" and named("sw.b") == "sw.b"


def test_a_name_that_two_devices_share_or_nobody_has_means_none():
    named = syslog.names(parse.parse(INVENTORY, "inventory.yaml", lambda _: None))
    assert (named("sw"), named("elsewhere"), named("")) == ("", "", "")
