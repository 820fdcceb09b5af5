"""From bytes to text: declared and guessed encodings, and files that only look like text. For every medium
that is written."""
