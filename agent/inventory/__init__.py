"""Who is watched: devices, topology, customers, people, maintenance windows, policies. Decides; does no IO."""
