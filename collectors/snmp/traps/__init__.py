"""SNMP traps and informs: v1, v2c and v3.

reading     a datagram, to a trap, when its sender is believed
message     the PDUs of traps and informs, to text, by our own codec
security    SNMPv3: whose it is, and what an inform is answered
believed    the communities and users that are believed
table       what a trap is called: read from data/traps
naming      a trap, to an event
refusals    what was not believed, counted and told by sender
listener    all of it, on a socket
"""
