"""`glimpse`: how takes would look before any is kept (a wall, a slider that is turned, a morph), and
`glimpse_keep`, which makes one of them a take, with the very same bytes."""

from etude.workspace.glimpsing import Glimpses, glimpse, glimpse_keep

__all__ = ["Glimpses", "glimpse", "glimpse_keep"]
