"""Before a base is used: does its licence allow it, is it as it was, does it fit into memory?"""

from __future__ import annotations

from etude.bases import licences, shelf
from etude.bases.record import Base
from etude.config.bases import BASES
from etude.errors import ModelError


def needed_bytes(base: Base, bytes_per_parameter: float = 4.0) -> int:
    """The memory that a base takes when it is opened: its parameters (float32 unless said otherwise), and
    what runs it. Learning comes on top.
    """
    return round(base.shape.parameters * bytes_per_parameter) + BASES.runtime_bytes


def check_memory(base: Base, needed: int | None = None, free: int | None = None) -> None:
    """Raises ModelError with both numbers where a base needs more memory than is free."""
    import psutil

    needed = needed_bytes(base) if needed is None else needed
    free = int(psutil.virtual_memory().available) if free is None else free
    if needed > free:
        raise ModelError(
            f"The base '{base.name}' needs {needed / 1e9:,.1f} GB of memory when it is opened "
            f"({base.shape.parameters / 1e6:,.0f} M parameters), and {free / 1e9:,.1f} GB are free.",
            "Close other programs, or choose a smaller base: etude base ls",
        )


def ready(ref: str, *, learning: bool, needed: int | None = None) -> Base:
    """The base of this name or hash, checked as far as can be without opening it.

    Raises ModelError where it is missing or changed, does not fit into memory, or, when something is to be
    learned on it, where its licence forbids that or is not known.
    """
    base = shelf.base(ref)
    if learning:
        licences.check(base.name, base.licence, base.path)
    shelf.check(base)
    check_memory(base, needed)
    return base
