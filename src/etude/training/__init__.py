"""Learning: the one loop, its budget and ledger, checkpoints and forecast."""
