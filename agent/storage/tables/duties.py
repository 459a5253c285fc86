"""Who is on call otherwise than the rotation says: overrides and swaps."""
