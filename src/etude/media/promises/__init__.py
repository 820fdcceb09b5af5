"""The promises of the medium contract as checks, one function each; `media/check.py` runs them."""
