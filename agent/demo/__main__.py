"""`python -m agent.demo`: the demonstration network alone; see process.py."""

import asyncio
import sys

from agent.demo import environment, process

if __name__ == "__main__":
    environment.provide()
    try:
        sys.exit(asyncio.run(process.serve(process.arguments())))
    except KeyboardInterrupt:
        sys.exit(0)
