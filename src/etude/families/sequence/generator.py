"""A stored sequence model, opened in a project: recipes become requests, requests takes; and what the model
says of a content.

Contents and works come through the host; sampling and scoring lie below.
"""

from __future__ import annotations

import gc
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from etude.config.sequence import MAKE
from etude.errors import ModelError, TakeError
from etude.families.contract import Batch, Evidence, Header, Host, Lines, MadeTake, Parts
from etude.families.course import Arrays
from etude.families.influence import Influence
from etude.families.sequence import bases
from etude.families.sequence import controls as tables
from etude.families.sequence.make.copy_guard import guard_of
from etude.families.sequence.make.drawing import lift_of
from etude.families.sequence.make.request import Made, MakeRequest
from etude.families.sequence.make.sampling import make as sample
from etude.families.sequence.model import SequenceModel
from etude.families.sequence.networks.open_bases import OpenBases
from etude.media import MEDIA
from etude.media.contract import Content, Guard
from etude.takes.recipe import Recipe
from etude.version import VERSION

PLACES = ".places"  # the memory's places lie beside its counts under this name


class SequenceGenerator:
    """A sequence model that is ready to make, score and testify."""

    def __init__(self, header: Header, arrays: Arrays, name: str, digest: str, host: Host) -> None:
        self.header, self.name = header, name
        # Bases stay open as long as the project does, whichever model stands on them
        opened = host.opened("bases", lambda: OpenBases(bases.find, partial(host.mapped, "bases")))
        self.model = SequenceModel.from_arrays(header, arrays, opened)
        self._about = {"model": digest, "version": VERSION}
        self._placed = False
        self._guards: dict[tuple[int, tuple[str, ...]], Guard] = {}
        kept = host.about("memory", name, self._about)
        if kept is not None:
            self.model.memory.from_cache(kept)
            return
        counts = self.model.memory.to_cache()
        if sum(array.nbytes for array in counts.values()) <= MAKE.most_cached_bytes:
            host.keep("memory", name, self._about, counts)

    def request(self, recipe: Recipe, n: int, way: Mapping[str, Any], host: Host) -> MakeRequest:
        """The recipe as the sampler reads it."""
        medium, controls = MEDIA[recipe.medium], dict(recipe.controls)
        content = host.follow(recipe.source) if recipe.source else None
        if content is not None and "until" in recipe.source:
            content = medium.cut(content, 0, int(recipe.source["until"]))
        stays = {gap.control: controls.pop(gap.control) for gap in medium.gaps if gap.control in controls}
        names = [f"{tables.LENGTH_}{gap.option}" for gap in medium.gaps if gap.form == "extent"]
        names += [one.option for one in medium.settings]
        settings = {name: controls.pop(name) for name in names if name in controls}
        like = controls.pop("like", {})
        n_copy = controls.get("no_copy")
        advised = {**self.model.network.making, **self.header.get("making", {})}
        if stays:
            advised.pop("units", None)  # as long as the gap
        controls = {**advised, **controls}
        marked = controls.pop("mark", True)  # models from before there were marks have no key
        mark = str((self.header.get("mark") or {}).get("key", "")) if marked else ""
        return MakeRequest(
            n=n,
            seed=recipe.seed,
            first_index=recipe.index,
            conditions=like,
            start=content,
            stays=stays,
            settings=settings,
            mark=mark,
            guard=None if n_copy is None else self._guard(n_copy, host),
            **controls,
        )

    def _guard(self, n: int, host: Host) -> Guard:
        """The guard of every work of the collection that the model was learned from, held-out ones too: as
        the collection was then, so that the recipe gives the same take again when works have been added
        since."""
        named = self.header.get("shelf") or [work for work, *_ in self.header.get("parts") or []]
        known = host.works()
        ids = tuple(work for work in dict.fromkeys(map(str, named)) if work in known)
        if (n, ids) not in self._guards:
            self._guards = {(n, ids): guard_of(self.model, n, {work: host.work(work) for work in ids})}
        return self._guards[n, ids]

    def make(self, request: MakeRequest) -> Batch:
        """Make what is requested."""
        size = MEDIA[self.model.medium].size
        made = sample(self.model, request)
        return Batch(
            tuple(MadeTake(one.index, one.content, _measured(size(one.content), one)) for one in made)
        )

    def evidence(
        self, content: Content, recipe: Recipe | None, record: Mapping[str, Any], held_out: Parts, host: Host
    ) -> Evidence:
        """The exact shares of each token: what the mixture drew it from, and from which places of which
        works."""
        self._place(host)
        controls = dict(recipe.controls) if recipe else {}
        met = None
        if recipe is not None and recipe.kind == "made" and recipe.source:
            asked = self.request(recipe, 1, {}, host)
            met = self.model.codec.reread(content, asked.start, asked.stays or None)
        shares = self.model.score(
            content,
            encoded=met,
            growing=bool(controls.get("adapt", False)),
            conditions=dict(controls.get("like") or {}),
            borrow_lift=lift_of(float(controls.get("borrow", MAKE.borrow))),
            with_places=True,
            with_voice=True,
        )
        away = None
        if self.model.has_critic:
            from etude.families.sequence.critic_spans import given_away  # laziness: it needs PyTorch

            away = given_away(self.model, met if met is not None else self.model.codec.encode(content))
        return Evidence(shares=shares, base=self._base_name(), away=away)

    def _base_name(self) -> str:
        """What the model stands on as the person called it; a file or folder by its own name."""
        base = self.model.network.base()
        if base is None:
            return ""
        called = str(base.config().get("base", ""))
        return called if called and not set("/\\") & set(called) else str(base.config().get("name", called))

    def _place(self, host: Host) -> None:
        """Sort the memory's places once, so that they are found at once from then on."""
        if self._placed:
            return
        kept = host.about("memory", self.name + PLACES, self._about)
        if kept is not None:
            self.model.memory.use_index(kept)
        elif (made := self.model.memory.index) is not None:
            host.keep("memory", self.name + PLACES, self._about, made._asdict())
        self._placed = True
        gc.collect()
        # A model stays: looking through it for garbage again would cost every third trace a tenth of a
        # second.
        gc.freeze()

    def score(self, content: Content) -> Lines:
        """How well the model predicts a content, with the memory frozen and growing with it."""
        frozen = self.model.score(content, growing=False, with_voice=True)
        growing = self.model.score(content, growing=True)
        size, codec = MEDIA[self.model.medium].size(content), self.model.codec
        if not size:
            raise TakeError("It holds nothing to score.", "Give a file with some text or notes.")
        costs = codec.costs
        if costs.by_token:
            drawn = frozen.scored & (frozen.tokens != codec.eos)
            lines = [np.asarray(one.nats[drawn], float) * costs.scale for one in (frozen, growing)]
        else:
            lines = [by_unit(one.nats, one.offsets, size) * costs.scale for one in (frozen, growing)]
        voice = None
        if frozen.voice is not None:
            voice = by_unit(frozen.voice, frozen.offsets, size) * costs.scale
        measure, _, unit = costs.unit.partition("/")
        totals = [float(np.sum(one.nats)) * costs.scale / len(lines[0]) for one in (frozen, growing)]
        shares = [float(np.mean(one.memory)) if len(one.memory) else 0.0 for one in (frozen, growing)]
        return Lines(
            measure,
            unit,
            costs.counted,
            size,
            len(frozen.nats),
            frozen=lines[0],
            growing=lines[1],
            total_frozen=totals[0],
            total_growing=totals[1],
            memory_frozen=shares[0],
            memory_growing=shares[1],
            voice=voice,
        )

    def influence(self) -> Influence:
        """Of the network."""
        from etude.families.sequence.influence import SequenceInfluence  # laziness: it needs PyTorch

        return SequenceInfluence(self.model)

    def strip(
        self,
        number: int,
        *,
        title: str,
        seed: int,
        amounts: Sequence[float],
        rows: int,
        like: Mapping[str, str],
    ) -> bytes:
        """Raises ModelError: takes of a sequence model cannot be moved along directions."""
        raise ModelError(
            f"Model '{self.name}' has no sliders.", "Models of pictures and clips have them: etude models"
        )


def by_unit(
    nats: npt.NDArray[np.floating], offsets: npt.NDArray[np.integer], units: int
) -> npt.NDArray[np.float64]:
    """(units,) nats of each character or note: a token's nats spread over what it covers, those of a token
    that covers nothing (a bar line, the end) given to the unit at which it stands."""
    out = np.zeros(units)
    for value, start, end in zip(nats.tolist(), offsets[:-1].tolist(), offsets[1:].tolist(), strict=True):
        if end > start:
            out[start:end] += value / (end - start)
        elif units:
            out[min(start, units - 1)] += value
    return out


def _measured(units: int, made: Made) -> dict[str, Any]:
    """What the model says of its own take: surprise a unit, the memory's share, the critic's answer."""
    return {
        "units": units,
        "nats_per_unit": round(float(sum(made.nats)) / max(1, units), 4),
        "memory_share": round(float(made.memory_share), 4),
        **({"critic": round(float(made.critic), 4)} if made.critic is not None else {}),
    }
