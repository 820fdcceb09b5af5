"""Bases: language models that Etude did not learn and that the person named. A shelf outside every project,
and for each base a record of who made it, under which licence and from what class of data.

Knows nothing of projects, models or networks, and imports neither torch nor transformers: what lies on the
shelf is checked by reading its headers, within limits. `shelf.find` is what networks are handed.
"""
