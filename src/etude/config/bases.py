"""Limits of bases, each with its reason: a file that nobody has vouched for must not fill memory or disk."""

from __future__ import annotations

from dataclasses import dataclass

MB = 1_000_000


@dataclass(frozen=True)
class BaseLimits:
    """What a base may be (`bases/`)."""

    max_bytes: int = 80_000 * MB  # 40 billion parameters in bfloat16: far more than a CPU can adapt
    max_shards: int = 256  # weight files of one folder: models of that size come in some thirty
    max_entries: int = 4096  # in the folder itself; a checkout of a model has some twenty
    max_config_bytes: int = 4 * MB  # real ones have 1 to 30 kB
    max_tokenizer_bytes: int = 64 * MB  # Gemma 3's tokenizer.json, with 262,144 pieces, has 33 MB
    max_paper_bytes: int = 4 * MB  # README and licence
    # JSON in front of the weights: 100 bytes a tensor, and the largest models have some thousand a file
    max_header_bytes: int = 16 * MB
    # Key-values of a GGUF: 262,144 pieces with their scores and merges take 12 MB
    max_metadata_bytes: int = 64 * MB
    max_metadata_keys: int = 4096  # real ones have 20 to 60
    max_text_bytes: int = 16 * MB  # one text in them: some carry a whole tokenizer.json
    max_kept_bytes: int = 4096  # of a text that is looked at: names, licences
    max_array: int = 2_000_000  # the largest are merges: 440,000 for 200,000 pieces
    max_key_bytes: int = 512
    max_tensors: int = 65_536  # 128 layers of 128 experts with three matrices are 49,152
    max_dimensions: int = 4  # GGML's own limit
    max_alignment: int = 1 << 20  # 32 in every file seen
    max_record_bytes: int = 1 * MB  # our own record
    max_words: int = 200  # characters of a licence, a maker or a title that is kept
    chunk_bytes: int = 4 * MB  # copied and hashed at a time: Ctrl-C is answered at once
    # Memory beside the weights: the interpreter, PyTorch and the tokenizer
    runtime_bytes: int = 400 * MB


BASES = BaseLimits()
