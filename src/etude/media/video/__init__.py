"""Short silent clips."""
