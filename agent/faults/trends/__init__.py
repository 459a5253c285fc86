"""What history shows: what is usual at an hour of the week, what rises fast, what will be full when."""
