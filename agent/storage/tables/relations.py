"""Cases that have to do with each other."""
