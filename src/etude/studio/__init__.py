"""The studio in a browser: pages over the verbs that the command line has, on the person's own machine."""
