"""Where the agent keeps its data and listens, from the environment and the command line; and secrets by reference."""
