"""Parts of reports: each reads the history once and returns a section."""
