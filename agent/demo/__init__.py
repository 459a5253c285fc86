"""A small network on loopback that can be broken on purpose: real SNMP, real SSH, real syslog and traps."""
