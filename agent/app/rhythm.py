"""How often the agent settles: soon after something changed, and always again after a while."""

from datetime import timedelta

from agent.inventory.policies import Policies

AT_LEAST, AT_MOST = timedelta(seconds=0.5), timedelta(seconds=5)  # between two settlings


def pause(policies: Policies) -> timedelta:
    """How long it rests where nothing changes."""
    return min(max(policies.settle / 4, AT_LEAST), AT_MOST)
