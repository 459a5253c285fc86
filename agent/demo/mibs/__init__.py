"""What the SNMP agents of the demonstration answer: one file a vendor, as the vendor's own MIBs say it."""
