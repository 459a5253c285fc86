"""Evidence over SSH: a read-only guard, netmiko’s login, and secrets struck out of what comes back."""
