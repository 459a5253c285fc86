"""netcase watches a network, proves what broke, and opens the case with the evidence already attached."""
