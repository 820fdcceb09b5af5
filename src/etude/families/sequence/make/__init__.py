"""Making takes of a sequence model: sampling, candidate blocks, the copy guard."""
