"""The family of pictures: flow matching, then a one-pass generator refined against a critic. Networks are
imported when they are needed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from etude.families.contract import Asked, Branch, Generator, Header, Host, Sight, Wish
from etude.families.course import Arrays, Course, Outlook, Start
from etude.families.pictures import asking
from etude.families.pictures import controls as tables
from etude.families.verdict import fit
from etude.media import MEDIA
from etude.media.contract import Content
from etude.stats.figure import Figure
from etude.stats.watermark import Found
from etude.takes.recipe import Recipe

if TYPE_CHECKING:
    from etude.training.learned import Learned
    from etude.training.progress import Progress


class PictureFamily:
    """Pictures, clips, and whatever else is read as frames of pixels."""

    kind = "pictures"
    makes = "pictures and clips"
    aside = tables.ASIDE
    controls = tables.CONTROLS
    changes = tables.CHANGES
    options = tables.OPTIONS

    def learns(self, medium: str) -> bool:
        """Whether works of this medium are pixels."""
        return MEDIA[medium].family == self.kind

    def kept(self, header: Header) -> Mapping[str, Any] | None:
        """Size, side, and how works are seen."""
        return tables.kept(header)

    def decides(self, options: Mapping[str, Any], start: Start | None) -> tuple[Any, ...]:
        """How works are seen, and the weights to start from."""
        from etude.families.pictures.learn.course import look

        return (look(options), *([start.about["weights_sha256"]] if start else []))

    def plan(self, course: Course) -> Outlook:
        """The plan of a run, from the works and a trial on this machine."""
        from etude.families.pictures.learn import run
        from etude.families.pictures.learn.course import request

        asked = request(course)
        found = run.outlook(asked)
        side = found.plan.net.side_px
        larger = f", enlarged to {side * asked.enlarge}" if asked.enlarge > 1 else ""
        return Outlook(
            found.works,
            0,
            f"{found.size} at {side} pixels{larger}",
            found.parameters,
            found.passes,
            found.memory_mb,
            found.seconds,
        )

    def expects(self, medium: str, options: Mapping[str, Any]) -> tuple[int, str]:
        """Nothing was measured that fits into a sentence."""
        return 0, ""

    def before(self, course: Course, seconds: float) -> Figure | None:
        """None: it stands on no base."""
        return None

    def learn(
        self, course: Course, progress: Callable[[Progress], None], stop: Callable[[], bool]
    ) -> Learned:
        """Learn the flow, then refine it where there is time."""
        from etude.families.pictures.learn import run
        from etude.families.pictures.learn.course import request
        from etude.families.pictures.learn.curves import curves

        learned = run.learn(request(course), progress, stop)
        return replace(learned, files={**learned.files, **curves(learned.header)})

    def forget(self, folder: Path) -> None:
        """Remove the state of a run."""
        from etude.families.pictures.learn import run

        run.forget(folder)

    def open(self, header: Header, arrays: Arrays, model: str, digest: str, host: Host) -> Generator:
        """The model, ready to make."""
        from etude.families.pictures.generator import PictureGenerator

        return PictureGenerator(header, arrays, model, digest)

    def ask(self, header: Header, model: str, wish: Wish, host: Host) -> Asked:
        """A wish as controls of a recipe."""
        return asking.ask(header, model, wish, host)

    def branch(self, header: Header, wanted: Branch) -> tuple[Recipe, Mapping[str, Any]]:
        """The recipe of a branch."""
        return asking.branch(header, wanted)

    def fit(self, header: Header) -> tuple[Figure, Figure] | None:
        """As its card tells."""
        return fit(header, "flow loss")

    def marked(self, header: Header, content: Content) -> Found | None:
        """Pixels are not marked."""
        return None

    def sight(self, header: Header) -> Sight | None:
        """The model's square, and how many frames it sees at once."""
        return Sight(header["framing"], tables.frames_of(header)) if "framing" in header else None

    def directions(self, header: Header) -> tuple[float | None, ...]:
        """The sliders."""
        return tables.directions(header)

    def chosen_by(self, header: Header, measured: Mapping[str, Any]) -> str:
        """The network of others, where it judged this take: where there are a network of others, the critic's
        answer is theirs."""
        eyes = header.get("eyes") or {}
        return f"{eyes['network']} (package {eyes['package']})" if eyes and "critic" in measured else ""

    def without(self, header: Header, arrays: Arrays, works: Set[str]) -> None:
        """It keeps no work."""
        return


FAMILY = PictureFamily()
