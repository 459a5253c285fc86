"""Vendors' cases, RMAs and spare parts."""
