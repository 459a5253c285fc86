"""What is checked: a checklist as data, and the verdicts on what was measured. Pure functions; no IO."""
