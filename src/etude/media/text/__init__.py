"""Text: files, byte-pair codec, words."""
