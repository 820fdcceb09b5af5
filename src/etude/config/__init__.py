"""Every default of Etude, once, with its reason: one frozen dataclass an area, and the instance that the area
uses.

Knows nothing of the areas: it imports nothing of Etude.
"""

from __future__ import annotations
