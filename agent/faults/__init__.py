"""What is wrong: rules, confirmation, correlation, suppression, availability. Pure functions that take `now`; no IO."""
