"""What is shown: pages for people, and the metrics for Prometheus."""
