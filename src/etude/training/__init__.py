"""What all learning shares: budget and ledger, schedule, the state of a run, checkpoints, forecast."""
