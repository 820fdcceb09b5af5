"""The recipe of a take: all that makes it again, and the comparison of what came out with what is on record.

A recipe names the model by the hash of its weights, the seed and the index of the take, the controls, and the
content it went on from (a work, another take, or something given, by hash). Its key is a hash of exactly
these, so that one recipe is one take. The versions and the machine are kept beside it: they do not change
what was asked for, but explain why bytes may differ. Knows no models and no files.
"""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from importlib import metadata
from typing import Any

# At this likeness and above, a remake that is not bit-equal is called close: arithmetic that differs in the
# last bits leaves long stretches as they were and then parts ways at one token, while another model or seed
# shares hardly any.
CLOSE = 0.5


@dataclass(frozen=True)
class Recipe:
    """`source` is empty for a new take, else one of {"work": id}, {"take": id}, {"given": sha256}; `kind`:
    made or edited."""

    medium: str
    kind: str = "made"
    model: str = ""
    model_sha256: str = ""
    seed: int = 0
    index: int = 0
    controls: Mapping[str, Any] = field(default_factory=dict)
    source: Mapping[str, Any] = field(default_factory=dict)
    parents: tuple[str, ...] = ()
    made_with: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """12 hex digits that name the take; they do not depend on the model's name, the versions or the
        machine."""
        asked = {k: v for k, v in self.to_json().items() if k not in ("model", "made_with")}
        text = json.dumps(asked, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    def to_json(self) -> dict[str, Any]:
        return {
            "medium": self.medium,
            "kind": self.kind,
            "model": self.model,
            "model_sha256": self.model_sha256,
            "seed": self.seed,
            "index": self.index,
            "controls": dict(self.controls),
            "source": dict(self.source),
            "parents": list(self.parents),
            "made_with": dict(self.made_with),
        }

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> Recipe:
        known = {k: data[k] for k in Recipe.__dataclass_fields__ if k in data}
        return Recipe(**{**known, "parents": tuple(known.get("parents", ()))})


def versions() -> dict[str, str]:
    """What may change the last bits of a take: this program, the numeric libraries, the processor."""
    found = {name: metadata.version(name) for name in ("etude", "torch", "numpy", "numba")}
    return {
        **found,
        "python": platform.python_version(),
        "machine": platform.machine(),
        "system": platform.system(),
    }


@dataclass(frozen=True)
class Comparison:
    """`verdict`: bit-equal, close or different; `likeness` 0..1 (shared units over all); `reasons` in words,
    likeliest first."""

    verdict: str
    likeness: float
    first_difference: int | None
    reasons: tuple[str, ...]


def compare(
    before: bytes,
    after: bytes,
    units_before: Sequence[Hashable],
    units_after: Sequence[Hashable],
    reasons: Sequence[str],
) -> Comparison:
    """Compare a take on record with its remake: by bytes, then by units (characters, notes) in order."""
    if before == after:
        return Comparison("bit-equal", 1.0, None, ())
    first = next(
        (i for i, (a, b) in enumerate(zip(units_before, units_after, strict=False)) if a != b),
        min(len(units_before), len(units_after)),
    )
    likeness = SequenceMatcher(None, list(units_before), list(units_after), autojunk=False).ratio()
    why = tuple(reasons) or (
        "the same versions on the same kind of machine: kernels may differ between processors",
    )
    return Comparison("close" if likeness >= CLOSE else "different", likeness, first, why)


def differences(recipe: Recipe, weights_now: str, made_with_now: Mapping[str, str]) -> tuple[str, ...]:
    """Why a remake may differ: other weights under the model's name, other versions, another machine."""
    reasons = []
    if recipe.model_sha256 and weights_now != recipe.model_sha256:
        reasons.append(f"the model's weights are {weights_now[:12]} now and were {recipe.model_sha256[:12]}")
    for name, then in recipe.made_with.items():
        now = made_with_now.get(name, "")
        if now != then:
            reasons.append(f"{name} is {now or 'missing'} now and was {then}")
    return tuple(reasons)
