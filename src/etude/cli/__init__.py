"""The command line: one command a verb of `etude.api`, with the parsing and the showing kept apart from the
doing."""
