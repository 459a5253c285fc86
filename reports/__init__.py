"""What we tell afterwards: history → document → HTML, JSON."""
