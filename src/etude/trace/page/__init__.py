"""A trace as a page, and as lines of a terminal."""
