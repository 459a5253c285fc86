"""FAQ entries, and the search through them and through past cases."""
