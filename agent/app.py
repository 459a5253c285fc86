"""The composition root: the only place where concrete classes meet."""
