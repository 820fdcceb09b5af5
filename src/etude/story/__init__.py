"""The writers' room: a story's plan in plain files, what a draft says of it, and what contradicts.

Reads texts and values, and writes nothing: `store/stories.py` does. No language model is needed for any of
it but `muse/`.
"""

from __future__ import annotations
