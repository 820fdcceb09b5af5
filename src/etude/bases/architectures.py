"""Which architectures can be a base: those that Etude opens, without code of anybody else.

Knows no network: it is a table of names, and a network that opens more adds to it.
"""

from __future__ import annotations

_OPENED = {"llama": "Llama", "qwen2": "Qwen 2", "qwen3": "Qwen 3", "gemma3": "Gemma 3"}
_SAME = {"gemma3_text": "gemma3"}  # in folders


def architecture(name: str) -> str:
    """The name that Etude uses for a `model_type` or `general.architecture`; '' for one it cannot open."""
    name = _SAME.get(name, name)
    return name if name in _OPENED else ""


def opened() -> str:
    """For a sentence: Llama, Qwen 2, Qwen 3 and Gemma 3."""
    *first, last = _OPENED.values()
    return f"{', '.join(first)} and {last}"
