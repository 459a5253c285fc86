"""The credentials of the demonstration network. They guard nothing, and open nothing but it."""

import os

CREDENTIALS = {
    "NETCASE_DEMO_COMMUNITY": "demo-public",
    "NETCASE_DEMO_AUTH": "demo-authentication",
    "NETCASE_DEMO_PRIV": "demo-encryption",
    "NETCASE_DEMO_PASSWORD": "demo-password",
    "NETCASE_DEMO_ENABLE": "demo-enable",
}


def provide() -> None:
    """Set those that the environment does not have, so that the demonstration's inventory can be used as it is."""
    for name, value in CREDENTIALS.items():
        os.environ.setdefault(name, value)
