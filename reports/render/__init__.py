"""Documents to files: one file a format."""
