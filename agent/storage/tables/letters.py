"""Mails that came in, each once."""
