"""Music: files, scores, the grid and event codecs, engraving and sound."""
