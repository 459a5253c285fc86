"""What is told later than it happened: digests, and what quiet hours hold back."""
