"""The only code that touches the project folder: files and JSON lines are the truth, everything in .etude/
can be rebuilt."""
