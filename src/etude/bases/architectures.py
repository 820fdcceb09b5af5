"""Which architectures can be a base: those that continue text and that `transformers` opens without code of
anybody else.

`TESTED` ones are tested with Etude from end to end; the others are taken with a word of warning. Knows no
network.
"""

from __future__ import annotations

TESTED = {"llama": "Llama", "qwen2": "Qwen 2", "qwen3": "Qwen 3", "gemma3": "Gemma 3"}
# As transformers 5.23 has them: of GGUF files, then of folders (`model_type`)
_IN_GGUF = ("falcon", "gemma2", "gpt2", "mistral", "nemotron", "phi3", "stablelm", "starcoder2")
_IN_FOLDERS = (
    "apertus",
    "bloom",
    "cohere",
    "falcon",
    "gemma",
    "gemma2",
    "gpt2",
    "gpt_neo",
    "gpt_neox",
    "gptj",
    "granite",
    "helium",
    "mistral",
    "nemotron",
    "olmo",
    "olmo2",
    "olmo3",
    "phi",
    "phi3",
    "smollm3",
    "stablelm",
    "starcoder2",
)
# The same architecture under another name in one of the two forms
_SAME = {"gemma3_text": "gemma3"}


def architecture(name: str, *, gguf: bool) -> str:
    """The name that Etude uses; '' for an architecture that cannot be a base."""
    name = _SAME.get(name, name)
    return name if name in TESTED or name in (_IN_GGUF if gguf else _IN_FOLDERS) else ""


def tested() -> str:
    """For a sentence: Llama, Qwen 2, Qwen 3 and Gemma 3."""
    *first, last = TESTED.values()
    return f"{', '.join(first)} and {last}"
