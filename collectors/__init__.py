"""What we see: collectors ask or listen, return observations and events, and know no more."""
