"""Who is told, and in which words. Pure functions; sending is the channels'."""
