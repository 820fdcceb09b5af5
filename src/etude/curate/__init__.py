"""What works may be learned from, which of them are the same, and which are kept for measuring."""
