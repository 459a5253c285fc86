"""What is done about it: opening, severity, closing, playbooks. Pure functions that take `now`; no IO."""
