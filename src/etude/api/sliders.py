"""`make` for pictures and clips, `loop` and `sliders`: what a person asked for as controls of a recipe, and recipes as takes.

A picture from outside the project is brought into the model's square first and kept in that size: that is all the model sees of it, and
a log need not carry photographs. Knows nothing of networks beyond opening one.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import numpy.typing as npt

from etude.config.pictures import EXPLORE, EYES
from etude.errors import ModelError, TakeError
from etude.media import MEDIA, is_pictorial
from etude.media.contract import PictureMedium
from etude.media.pixels import framing
from etude.media.pixels.framing import Framing, frame_all
from etude.store.models import ModelInfo
from etude.store.project import Project
from etude.takes.recipe import Recipe
from etude.workspace.asked import spelt
from etude.workspace.contents import Source, find, follow, remember

if TYPE_CHECKING:
    from etude.families.pictures.make.request import MadePicture, PictureRequest
    from etude.families.pictures.model import PictureModel

UInt8 = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Wanted:
    """What can be asked of a picture model beside number, seed, start and likeness; None and () where nothing was said."""

    steps: int | None = None
    guidance: float | None = None
    eta: float | None = None
    strength: float | None = None
    vary: float | None = None
    region: tuple[float, float, float, float] | None = None
    mask: str | Path | None = None
    mix: Sequence[str | Path] = ()
    shares: Sequence[float] = ()
    breed: bool = False
    series: bool = False
    slide: Mapping[str, float] | None = None
    choose: int | None = None

    def said(self) -> list[str]:
        """The names of what was said."""
        return [
            name
            for name, value in vars(self).items()
            if value is not None and value is not False and value not in ((), [], {})
        ]


@dataclass(frozen=True)
class Slider:
    """A direction of a model: its number from 1, the name that the person gave it, by how many standard deviations of the works takes moved when
    it was turned to 1 (None: not measured), and where a preview strip was written."""

    number: int
    name: str
    moved: float | None = None
    file: str = ""


@dataclass(frozen=True)
class SliderList:
    """The sliders of a model, the one in which works vary most first; amounts are in standard deviations of the works."""

    schema: ClassVar[str] = "etude.sliders/1"
    model: str
    sliders: tuple[Slider, ...]


def is_picture_model(found: ModelInfo) -> bool:
    """Whether a model makes pictures or clips."""
    return found.header.get("family") == "pictures"


def open_pictures(project: Project, ref: str) -> PictureModel:
    """A picture model ready to make. Opened models are kept."""
    found = project.model(ref)
    return _opened(str(project.root), found.id, found.hash)


@lru_cache(maxsize=2)
def _opened(root: str, model_id: str, _hash: str) -> PictureModel:
    from etude.families.pictures.model import PictureModel

    header, arrays = Project.open(root).load_model(model_id)
    return PictureModel.from_arrays(header, arrays)


def of_model(found: ModelInfo) -> tuple[PictureMedium, Framing]:
    """The medium of a picture model, and the square that it sees."""
    medium = MEDIA[found.medium]
    assert is_pictorial(medium)
    return medium, framing.from_json(found.header["framing"])


def framed(found: ModelInfo, source: Source) -> Source:
    """A content as the model sees it, as a content of the model's medium. What is in the project keeps its reference."""
    medium = of_model(found)[0]
    kind = MEDIA[source.medium]
    if not is_pictorial(kind):
        raise TakeError(
            f"{source.title} is {source.medium}, and this model makes {found.medium}.",
            "Name a picture or a clip.",
        )
    frames = shaped(found, kind.frames(source.content))
    content = medium.from_frames(frames, float(found.header.get("rate") or 0.0))
    ref = dict(source.ref)
    if "given" in ref:
        ref["given"] = hashlib.sha256(medium.store(content)).hexdigest()
    return Source(found.medium if "given" in ref else source.medium, content, source.title, ref)


def shaped(found: ModelInfo, frames: UInt8) -> UInt8:
    """(F, side, side, C) as the model has them: of a clip evenly spread frames, a still picture held."""
    square = of_model(found)[1]
    count = int(found.header["net"]["frames"])
    at = np.floor(np.arange(count) * len(frames) / count).astype(int)
    return frame_all(frames[at], square)


def controls(
    project: Project, found: ModelInfo, given: Source | None, wanted: Wanted, n: int
) -> dict[str, Any]:
    """The controls of a recipe for n takes. Under the lock, since pictures from outside are remembered. Raises TakeError for what does not go together."""
    _check(given, wanted, n)
    out: dict[str, Any] = {}
    for name in ("steps", "guidance", "eta", "strength", "vary"):
        value = getattr(wanted, name)
        if value is not None:
            out[name] = value
    if wanted.region is not None:
        out["region"] = _region(wanted.region)
    if wanted.mask is not None:
        mask = find(project, wanted.mask)
        kind = MEDIA[mask.medium]
        if not is_pictorial(kind):
            raise TakeError(
                f"{wanted.mask} is no picture.", "A mask is a picture: white is made anew, black stays."
            )
        small = Source(
            "image",
            frame_all(kind.frames(mask.content)[:1], Framing(_side(found), of_model(found)[1].how, "black"))[
                0
            ],
            mask.title,
            {},
        )
        small = Source(
            "image",
            small.content,
            mask.title,
            {"given": hashlib.sha256(MEDIA["image"].store(small.content)).hexdigest()},
        )
        out["mask"] = remember(project, small)
    if wanted.mix:
        parents = [framed(found, find(project, ref)) for ref in wanted.mix]
        out["mix"] = [remember(project, parent) for parent in parents]
        if wanted.breed:
            out["breed"] = True
        if wanted.series:
            out["series"] = n
        if wanted.shares:
            out["shares"] = [float(share) for share in wanted.shares]
    if wanted.slide:
        out["slide"] = {
            str(_number(project, found, name)): float(amount)
            for name, amount in wanted.slide.items()
            if amount
        }
    return out


def _check(given: Source | None, w: Wanted, n: int) -> None:
    """Raises TakeError where controls do not go together."""
    if given is None and (
        w.strength is not None or w.vary is not None or w.region is not None or w.mask is not None
    ):
        raise TakeError("There is no picture to begin with.", "Name it with --from PICTURE.")
    if w.mix and len(w.mix) < 2:
        raise TakeError("One picture cannot be mixed.", "Name two or more: --mix A --mix B.")
    if w.mix and given is not None:
        raise TakeError("--mix and --from do not go together.", "Name all the parents with --mix.")
    if w.breed and not w.mix:
        raise TakeError("There are no parents to breed from.", "Name two or more: --mix A --mix B --breed")
    if w.series and not w.mix:
        raise TakeError(
            "A series leads from one picture to another.", "Name them: --mix A --mix B --series -n 9"
        )
    if w.series and (w.breed or w.shares or (w.choose or 1) > 1):
        raise TakeError(
            "A series has a take at every step of the way.",
            "Leave --breed, --share and --choose out, or --series.",
        )
    if w.series and n < max(2, len(w.mix)):
        raise TakeError(
            "A series has two takes or more, and at least one for each --mix.", "Say how many: -n 9"
        )
    if w.steps == 1 and (w.guidance is not None or w.eta is not None):
        raise TakeError(
            "One pass has neither guidance nor new noise.", "Leave --guidance and --eta out, or --steps."
        )
    if w.steps == 1 and (w.mix or (given is not None and w.vary is None)):
        raise TakeError(
            "What begins with a picture, or lies between pictures, follows the flow.", "Leave --steps out."
        )
    if w.eta and (w.mix or w.vary is not None):
        raise TakeError(
            "--eta makes the noise anew that this take hangs on.", "Leave --eta out, or --mix and --vary."
        )
    if w.shares and len(w.shares) != len(w.mix):
        raise TakeError(
            f"There are {len(w.shares)} shares for {len(w.mix)} parents.", "Give one --share for each --mix."
        )
    if w.shares and w.breed:
        raise TakeError(
            "Shares mix pictures; breeding takes each region from one of them.",
            "Leave --share or --breed out.",
        )
    if w.shares and (min(w.shares) < 0 or not sum(w.shares)):
        raise TakeError("Shares must be 0 or more, and not all 0.", "For example --share 0.7 --share 0.3.")
    if w.vary is not None and (w.strength is not None or w.region is not None or w.mask is not None):
        raise TakeError(
            "--vary does not go together with --strength, --region and --mask.",
            "Choose one way to change a picture.",
        )
    if w.strength is not None and (w.region is not None or w.mask is not None):
        raise TakeError("--strength says nothing where a region is made anew.", "Leave one of them out.")
    amounts = [float(amount) for amount in (w.slide or {}).values()]
    numbers = [w.strength, w.vary, w.guidance, w.eta, *w.shares, *amounts]
    if any(v is not None and not math.isfinite(v) for v in numbers) or any(
        abs(v) > EXPLORE.furthest for v in amounts
    ):
        raise TakeError(
            "That is no usable number.",
            f"Sliders go from -{EXPLORE.furthest:g} to {EXPLORE.furthest:g}; about 2 is much.",
        )
    if w.region is not None and w.mask is not None:
        raise TakeError("--region and --mask say the same thing twice.", "Give one of them.")


def _region(region: tuple[float, float, float, float]) -> list[float]:
    left, top, right, bottom = region
    if not (0 <= left < right <= 100 and 0 <= top < bottom <= 100):
        raise TakeError(
            f"The region {left:g},{top:g},{right:g},{bottom:g} does not lie in the picture.",
            "Give left,top,right,bottom in percent, for example 25,25,75,75.",
        )
    return [float(v) for v in region]


def _side(found: ModelInfo) -> int:
    return int(found.header["net"]["side_px"])


def picture_request(project: Project, found: ModelInfo, recipe: Recipe, n: int) -> PictureRequest:
    """The recipe as the sampler reads it: pixels in the place of references."""
    from etude.families.pictures.make.request import Loop, PictureRequest

    asked = dict(recipe.controls)
    start = None
    if recipe.source:
        start = _followed(project, found, recipe.source)
    keep = None
    region, mask = asked.pop("region", None), asked.pop("mask", None)
    side = _side(found)
    if region is not None:
        left, top, right, bottom = (round(v / 100 * side) for v in region)
        left, top = min(left, side - 1), min(top, side - 1)
        keep = np.ones((side, side), bool)
        keep[top : max(bottom, top + 1), left : max(right, left + 1)] = False
    elif mask is not None:
        keep = follow(project, mask)[..., :3].mean(-1) < 128
    parents = [_followed(project, found, ref) for ref in asked.pop("mix", [])]
    loop = asked.pop("loop", None)
    slide = {int(k) - 1: float(v) for k, v in (asked.pop("slide", None) or {}).items()}
    return PictureRequest(
        n=n, seed=recipe.seed, first_index=recipe.index, conditions=asked.pop("like", {}), start=start, keep=keep, parents=parents,
        slide=slide, loop=None if loop is None else Loop(**loop), **asked,
    )  # fmt: skip


def _followed(project: Project, found: ModelInfo, ref: Mapping[str, Any]) -> UInt8:
    """The frames that a reference names, as the model sees them."""
    content = follow(project, ref)
    medium = str(ref["medium"]) if "medium" in ref else found.medium
    kind = MEDIA[medium]
    assert is_pictorial(kind)
    return shaped(found, kind.frames(content))


def sample(project: Project, recipe: Recipe, n: int, choose: int = 1) -> list[MadePicture]:
    """Takes of a recipe; with `choose` n of so many times n drafts, each of which its own index makes again."""
    from etude.families.pictures.make.sampling import make

    found = project.model(recipe.model)
    return make(
        open_pictures(project, found.id), replace(picture_request(project, found, recipe, n), choose=choose)
    )


def sample_apart(
    project: Project, recipe: Recipe, n: int, choose: int, near: Callable[[npt.NDArray[np.uint8]], float]
) -> tuple[list[MadePicture], int]:
    """As `sample`, without near copies of works; also how many drafts were left out."""
    from etude.families.pictures.make.sampling import make_apart

    found = project.model(recipe.model)
    request = replace(picture_request(project, found, recipe, n), choose=choose)
    return make_apart(open_pictures(project, found.id), request, near)


def usual_choice(found: ModelInfo, recipe: Recipe, asked: int | None) -> int:
    """How many drafts a take is chosen from: several where other eyes choose. The first of a mixture is the mixture itself, and stays."""
    if asked is not None:
        return asked
    mixture = "mix" in recipe.controls and not recipe.controls.get("breed")
    if found.header.get("eyes") and "loop" not in recipe.controls and not mixture:
        from etude.families.pictures import imagenet as eyes

        return EYES.choose if eyes.weights_file() else 1
    return 1


def content_of(recipe: Recipe, made: MadePicture) -> Any:
    """A take as a content of its medium."""
    medium = MEDIA[recipe.medium]
    assert is_pictorial(medium)
    return medium.from_frames(made.frames, made.rate)


def measured(recipe: Recipe, made: MadePicture) -> dict[str, Any]:
    """What is said of a take when it is made."""
    out: dict[str, Any] = {"units": len(made.frames) if recipe.medium == "video" else 1}
    if made.critic is not None:
        out["critic"] = made.critic
    if made.manner:
        out["manner"] = dict(made.manner)
    if made.near is not None:
        out["near"] = made.near
    return out


def sliders(
    project: Project,
    model: str,
    *,
    out: str | Path | None = None,
    like: Mapping[str, str] | None = None,
    seed: int = 1,
    name: tuple[int, str] | None = None,
) -> SliderList:
    """The sliders of a picture model. `name`: (number, what to call it); `out`: a folder for preview strips, takes at -2, -1, 0, 1 and
    2 standard deviations. Raises ModelError where there are none."""
    from etude.media.pixels import contact_sheet as sheet
    from etude.store.files import write_atomic

    found = project.model(model)
    count = slider_count(found)
    if not count:
        older = is_picture_model(found) and found.header.get("sliders")
        raise ModelError(
            f"Model '{found.id}' has no sliders" + (", since an older Etude learned it." if older else "."),
            f"Go on from it: etude learn NAME --start {found.id}"
            if older
            else "Models of pictures and clips have them: etude models",
        )
    asked = spelt(project, found, like or {})
    if name is not None:
        number, word = name
        if not 1 <= number <= count:
            raise TakeError(
                f"There is no slider {number}; there are {count}.", f"See: etude sliders {quote(found.name)}"
            )
        if not word or word.isdecimal() or "=" in word:
            raise TakeError(f"'{word}' is no name for a slider.", "Choose a word, for example: warmth")
        with project.lock():
            project.log("slider-named", model=found.id, number=number, name=word)
    names = _names(project, found.id)
    moved = found.header.get("sliders_moved") or []
    rows = []
    for number in range(1, count + 1):
        file = ""
        if out is not None:
            from etude.families.pictures.make.sampling import strip

            amounts = (-2.0, -1.0, 0.0, 1.0, 2.0)
            shown = strip(
                open_pictures(project, found.id),
                number - 1,
                seed=seed,
                amounts=amounts,
                rows=4,
                conditions=asked,
            )
            marks = [f"{amount:+g}" if amount else "0" for amount in amounts] * 4
            title = f"Slider {number}" + (f", {names[number]}" if number in names else "")
            path = Path(out).expanduser() / f"slider-{number}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomic(path, sheet.grid(shown, len(amounts), title, marks))
            file = str(path)
        rows.append(Slider(number, names.get(number, ""), dict(enumerate(moved, 1)).get(number), file))
    return SliderList(found.id, tuple(rows))


def slider_count(found: ModelInfo) -> int:
    """How many sliders a model has."""
    return (
        int(found.header.get("sliders") or 0)
        if is_picture_model(found) and "sliders_moved" in found.header
        else 0
    )


def _names(project: Project, model_id: str) -> dict[int, str]:
    """What the person called the sliders of a model; the last word counts."""
    events = [e for e in project.events() if e["event"] == "slider-named" and e.get("model") == model_id]
    return {int(e["number"]): str(e["name"]) for e in events}


def _number(project: Project, found: ModelInfo, name: str) -> int:
    """A slider by its number from 1, or by the name that the person gave it."""
    count = slider_count(found)
    names = {word.casefold(): number for number, word in _names(project, found.id).items()}
    number = int(name) if name.isdecimal() else names.get(name.casefold(), 0)
    if not 1 <= number <= count:
        has = ", ".join([*(f"1 to {count}" for _ in range(min(1, count))), *names]) or "none"
        raise TakeError(
            f"Model '{found.id}' has no slider '{name}' (it has: {has}).",
            f"See: etude sliders {quote(found.name)}",
        )
    return number
