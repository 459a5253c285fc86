"""SNMP: one narrow port, two engines, one poll above them, and vendors’ differences as data."""
