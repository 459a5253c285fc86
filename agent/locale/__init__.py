"""The words of every language, from gettext catalogues."""
