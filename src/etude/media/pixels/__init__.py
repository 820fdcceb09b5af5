"""What pictures and clips share: arrays of pixels, framing, colour, contact sheets."""
