"""A fifth medium, for tests: drum patterns. One folder, registered in one line."""
