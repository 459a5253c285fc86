"""Syslog: a listener, a parser of every vendor’s dialect, and patterns that name what a line means."""
