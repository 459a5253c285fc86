"""The composition root: the only place where concrete classes meet, and the loops that keep them going."""
