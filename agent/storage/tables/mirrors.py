"""Cases that stand in another system too, and how far that is true."""
