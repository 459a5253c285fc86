"""SNMP traps and informs: v1, v2c and v3.

message     a datagram, to a notification, by our own codec
security    SNMPv3: whose it is, and what an inform is answered
believed    the communities and users that are believed
table       what a trap is called: read from data/traps
naming      a notification, to an event
refusals    what was not believed, counted and told by sender
listener    all of it, on a socket
"""
