"""A stored picture model, opened in a project: recipes become requests, requests takes; and what its critic
says of a content.

Contents come through the host; sampling lies below.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from etude.config.trust import TRACE
from etude.errors import ModelError, TakeError
from etude.families.conditions import condition_values
from etude.families.contract import Batch, Doubts, Evidence, Header, Host, Lines, MadeTake, Parts
from etude.families.course import Arrays
from etude.families.influence import Influence
from etude.families.pictures.controls import (
    directions,
    frames_of,
    large_of,
    of_model,
    shaped,
    side_of,
)
from etude.families.pictures.influence import PictureInfluence
from etude.families.pictures.make.ranking import critic_of, regions
from etude.families.pictures.make.request import Loop, MadePicture, PictureRequest
from etude.families.pictures.make.sampling import make, make_apart, strip
from etude.families.pictures.model import PictureModel
from etude.media import pictorial
from etude.media.contract import Content
from etude.media.pixels import contact_sheet
from etude.media.pixels.framing import frame, frame_all
from etude.media.pixels.windows import windows
from etude.stats.evenly import evenly
from etude.takes.recipe import Recipe

UInt8 = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Wanted:
    """A request with the medium of its takes, and how near a draft is to works where near copies are left
    out."""

    request: PictureRequest
    medium: str
    unusual: Callable[[UInt8], float] | None = None


class PictureGenerator:
    """A picture model that is ready to make."""

    def __init__(self, header: Header, arrays: Arrays, name: str, digest: str) -> None:
        self.header, self.name, self._digest = header, name, digest
        self.model = PictureModel.from_arrays(header, arrays)

    def request(self, recipe: Recipe, n: int, way: Mapping[str, Any], host: Host) -> Wanted:
        """The recipe as the sampler reads it: pixels in the place of references."""
        asked = dict(recipe.controls)
        start = self._followed(recipe.source, host) if recipe.source else None
        large = (
            self._followed(recipe.source, host, large=True) if recipe.source and asked.get("size") else None
        )
        keep = self._kept(asked.pop("region", None), asked.pop("mask", None), host)
        parents = [self._followed(ref, host) for ref in asked.pop("mix", [])]
        loop = asked.pop("loop", None)
        slide = {int(k) - 1: float(v) for k, v in (asked.pop("slide", None) or {}).items()}
        request = PictureRequest(
            n=n,
            seed=recipe.seed,
            first_index=recipe.index,
            conditions=asked.pop("like", {}),
            start=start,
            full=large,
            keep=keep,
            parents=parents,
            slide=slide,
            loop=None if loop is None else Loop(**loop),
            choose=int(way.get("choose", 1)),
            **asked,
        )
        return Wanted(request, recipe.medium, host.unusual(self.name) if way.get("apart") else None)

    def _kept(self, region: Any, mask: Any, host: Host) -> npt.NDArray[np.bool_] | None:
        """(side, side) where the start stays."""
        if mask is not None:
            return np.asarray(host.follow(mask)[..., :3].mean(-1) < 128)
        if region is None:
            return None
        side = side_of(self.header)
        left, top, right, bottom = (round(v / 100 * side) for v in region)
        left, top = min(left, side - 1), min(top, side - 1)
        keep = np.ones((side, side), bool)
        keep[top : max(bottom, top + 1), left : max(right, left + 1)] = False
        return keep

    def _followed(self, ref: Mapping[str, Any], host: Host, *, large: bool = False) -> UInt8:
        """The frames that a reference names, as the model sees them, or as large as its enlarged takes."""
        content = host.follow(ref)
        medium = pictorial(str(ref["medium"]) if "medium" in ref else str(self.header["medium"]))
        square = large_of(self.header) if large else None
        frames = medium.frames(content)
        return shaped(self.header, frames) if square is None else frame_all(frames[:1], square)

    def make(self, request: Wanted) -> Batch:
        """Make what is requested. Raises TakeError where all drafts are near copies."""
        medium, left_out = pictorial(request.medium), 0
        if request.unusual is None:
            made = make(self.model, request.request)
        else:
            made, left_out = make_apart(self.model, request.request, request.unusual)
            if not made:
                raise _all_near(left_out, request.request)
        return Batch(
            tuple(_take(medium.from_frames(one.frames, one.rate), medium, one) for one in made), left_out
        )

    def evidence(
        self, content: Content, recipe: Recipe | None, record: Mapping[str, Any], held_out: Parts, host: Host
    ) -> Evidence:
        """Where the model's critic doubts a content as long as its own, told what it was made as."""
        critic = critic_of(self.model)
        medium, square = of_model(self.header)
        frames = medium.frames(content)
        if critic is None or not held_out or len(frames) != frames_of(self.header):
            return Evidence()

        def judge(some: UInt8, like: Mapping[str, str]) -> npt.NDArray[np.float32]:
            row = condition_values(self.model.conditions, like.get("maker", ""), like)
            return regions(critic, np.stack([frame(one, square) for one in some]), row)

        def usual() -> Arrays:
            known, out = host.works(), []
            some = evenly(len(held_out), TRACE.held_out_doubted)
            for i, at in enumerate(some):
                host.progress(i, len(some), "asking the critic")
                work, start, end = held_out[int(at)]
                every = medium.frames(host.work(work))
                cut = every[start:end]
                if self.model.config.frames > 1:  # of a longer clip its first window
                    of = windows(cut, self.model.config.frames, whole=len(cut) == len(every))
                    cut = next((window for window, _ in of), cut[:0])
                if len(cut):
                    seen = judge(cut, known[work])
                    out.append(seen[len(seen) // 2])
            return {"usual": np.array(out, np.float32)}

        asked = (record.get("controls") or {}).get("like") or {}
        drawn = (record.get("measured") or {}).get("manner") or {}  # what was drawn as some work has it
        arrays = host.arrays("doubts", f"1 {self._digest} {held_out}", usual)
        return Evidence(doubts=Doubts(judge(frames, {**drawn, **asked}), np.asarray(arrays["usual"])))

    def score(self, content: Content) -> Lines:
        """Raises ModelError: a picture model predicts no tokens."""
        medium = self.header["medium"]
        raise ModelError(
            f"Model '{self.name}' makes {medium}: it predicts no text and no notes.",
            "Name another: etude models",
        )

    def influence(self) -> Influence:
        """Of the flow network."""
        return PictureInfluence(self.model, self.header)

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
        """A PNG of takes moved along slider `number` (from 1) by these amounts, a row a take."""
        if not 1 <= number <= len(directions(self.header)):
            raise ModelError(f"Model '{self.name}' has no slider {number}.", "See: etude sliders MODEL")
        shown = strip(self.model, number - 1, seed=seed, amounts=amounts, rows=rows, conditions=like)
        marks = [f"{amount:+g}" if amount else "0" for amount in amounts] * rows
        return contact_sheet.grid(shown, len(amounts), title, marks)


def _take(content: Content, medium: Any, made: MadePicture) -> MadeTake:
    """A take with what is said of it when it is made."""
    said: dict[str, Any] = {"units": medium.size(content)}
    said |= {} if made.critic is None else {"critic": made.critic}
    said |= {"manner": dict(made.manner)} if made.manner else {}
    said |= {} if made.near is None else {"near": made.near}
    return MadeTake(made.index, content, said)


def _all_near(left_out: int, request: PictureRequest) -> TakeError:
    """Every draft is a near copy: why that may be, and what to do."""
    begins = request.start is not None or bool(request.parents)
    why = (
        "They start from something close to a work, or the model has memorised it."
        if begins
        else "The model has memorised its works."
    )
    hint = (
        "Leave --no-copy out (for a branch, use --copy), and compare the takes with their nearest works: "
        "etude trace TAKE"
        if begins
        else "Train it on more works or for a shorter time, or leave --no-copy out."
    )
    share = f"{100 * (1 - TRACE.alpha):.0f} %"
    return TakeError(
        f"All {left_out} drafts are closer to a work than {share} of held-out works are. {why}", hint
    )
