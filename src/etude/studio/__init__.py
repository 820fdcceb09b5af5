"""The studio in a browser: pages over the same verbs that the command line has, on the person's own
machine."""
