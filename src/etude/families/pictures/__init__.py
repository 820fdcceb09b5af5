"""Pictures and clips: a flow-matching generator, its one-pass refinement and its critic."""
