"""`python -m agent` is `netcase`."""

from agent.cli import main

if __name__ == "__main__":
    main()
