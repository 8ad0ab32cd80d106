"""What the daemon tells Prometheus: declared here, counted elsewhere, collected when asked for."""
