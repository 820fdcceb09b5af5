"""The family of sequences: a network mixed with an exact memory, for works that are tokens. Networks are
imported when they are needed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from etude.bases.adding import fingerprint
from etude.errors import ModelError
from etude.families.contract import Asked, Branch, Control, Generator, Header, Host, Sight, Wish
from etude.families.controls import settled
from etude.families.course import Arrays, Course, Outlook, Start
from etude.families.sequence import bases
from etude.families.sequence import controls as tables
from etude.families.verdict import fit
from etude.media import MEDIA, codec_from_json, sequence
from etude.media.contract import Content
from etude.stats import watermark
from etude.stats.figure import Figure
from etude.stats.watermark import Found
from etude.takes.recipe import Recipe

if TYPE_CHECKING:
    from etude.families.sequence.learn.run import LearnRequest
    from etude.training.learned import Learned
    from etude.training.progress import Progress


class SequenceFamily:
    """Text and music, and whatever else is read as tokens."""

    kind = "sequence"
    makes = "text and music"
    aside = tables.ASIDE
    changes: tuple[Control, ...] = tables.CHANGES
    options: tuple[Control, ...] = tables.OPTIONS

    @cached_property
    def controls(self) -> tuple[Control, ...]:
        """What `make` may be asked: the media say which parts of a content can stay."""
        return tables.controls()

    def learns(self, medium: str) -> bool:
        """Whether works of this medium are tokens."""
        return MEDIA[medium].family == self.kind

    def kept(self, header: Header) -> Mapping[str, Any] | None:
        """The size of the network; its codec and shape come with the weights. An adapter does not go on."""
        from etude.families.sequence import networks

        if header.get("base") or header.get("net", {}).get("kind", networks.USUAL) != networks.USUAL:
            return None
        return {"size": header["plan"]["size"], "on": ""}

    def decides(self, options: Mapping[str, Any], start: Start | None) -> tuple[Any, ...]:
        """The base, where the model is to stand on one, or the weights that it starts from."""
        on = options.get("on")
        if on and start is not None:
            raise ModelError(
                "--on and --start exclude each other.", "Choose a base, or weights to start from."
            )
        if start is not None:
            return ("start", start.about["weights_sha256"])
        return ("on", fingerprint(bases.find(str(on)))) if on else ()

    def plan(self, course: Course) -> Outlook:
        """The plan of a run, from the works and a trial on this machine."""
        from etude.families.sequence.learn.run import outlook

        found = outlook(_request(course))
        plan = found.plan
        return Outlook(
            found.works,
            found.train_tokens,
            plan.size,
            found.parameters,
            plan.epochs,
            plan.memory_mb,
            found.seconds_for_network,
        )

    def expects(self, medium: str, options: Mapping[str, Any]) -> tuple[int, str]:
        """By whether it stands on a base."""
        about = sequence(medium)
        return about.sizes.least, about.unable[bool(options.get("on"))]

    def before(self, course: Course, seconds: float) -> Figure | None:
        """The base alone on held-out works; None without a base."""
        from etude.families.sequence.learn.run import before

        request = _request(course)
        return before(request, seconds) if request.base.name else None

    def learn(
        self, course: Course, progress: Callable[[Progress], None], stop: Callable[[], bool]
    ) -> Learned:
        """Learn the network, the memory, the gate and the critic."""
        from etude.families.sequence.learn.run import learn

        return learn(_request(course), progress, stop)

    def forget(self, folder: Path) -> None:
        """Remove the state of a run."""
        from etude.training import checkpoint

        checkpoint.forget(folder)

    def open(self, header: Header, arrays: Arrays, model: str, digest: str, host: Host) -> Generator:
        """The model with its memory counted."""
        from etude.families.sequence.generator import SequenceGenerator

        return SequenceGenerator(header, arrays, model, digest, host)

    def ask(self, header: Header, model: str, wish: Wish, host: Host) -> Asked:
        """A wish as controls of a recipe."""
        return tables.ask(header, model, wish, host)

    def branch(self, header: Header, wanted: Branch) -> tuple[Recipe, Mapping[str, Any]]:
        """The recipe of a branch."""
        return tables.branch(header, wanted)

    def fit(self, header: Header) -> tuple[Figure, Figure] | None:
        """As its card tells."""
        return fit(header, "network")

    def marked(self, header: Header, content: Content) -> Found | None:
        """By the bytes of a text, by the tokens of anything else."""
        from etude.families.sequence import marking

        about = header.get("mark") or {}
        if about.get("kind") != watermark.KIND:
            return None
        text = MEDIA[str(header["medium"])].text(content)
        if text is not None:
            symbols = list(text.encode("utf-8", "replace"))
            return watermark.detect(symbols, watermark.BYTES, str(about["key"]))
        codec = codec_from_json(header["codec"])
        return watermark.detect(
            marking.symbols_of(codec, content), marking.width_of(codec), str(about["key"])
        )

    def sight(self, header: Header) -> Sight | None:
        """A sequence model sees no pictures."""
        return None

    def directions(self, header: Header) -> tuple[float | None, ...]:
        """None."""
        return ()

    def chosen_by(self, header: Header, measured: Mapping[str, Any]) -> str:
        """Nobody else's network chooses among drafts."""
        return ""

    def without(self, header: Header, arrays: Arrays, works: Set[str]) -> tuple[Header, Arrays] | None:
        """Without their segments of the memory."""
        from etude.families.sequence.forgetting import without

        return without(header, arrays, works)


def _request(course: Course) -> LearnRequest:
    """The course with every part of every work cut."""
    from etude.families.sequence import networks
    from etude.families.sequence.learn.dataset import Part
    from etude.families.sequence.learn.run import LearnRequest
    from etude.families.sequence.learn.starting import begin_of
    from etude.families.sequence.networks.open_bases import OpenBases

    said = settled(tables.OPTIONS, course.options, what=f"learning {course.medium}")
    medium, parts, on = MEDIA[course.medium], [], str(said.get("on", ""))
    if on and networks.OF_BASES not in sequence(course.medium).codecs:
        raise ModelError(
            f"{course.medium.capitalize()} cannot stand on a base: bases are language models, and read text.",
            "Leave out --on.",
        )
    for lesson in course.lessons:
        content = lesson.read()
        whole = medium.size(content)
        for start, end, role in lesson.parts:
            cut = content if (start, end) == (0, whole) else medium.cut(content, start, end)
            parts.append(
                Part(
                    lesson.work_id, start, role, cut, lesson.maker, lesson.title, lesson.attrs, lesson.weight
                )
            )
    return LearnRequest(
        course.medium,
        parts,
        course.budget,
        course.folder,
        str(said.get("size", "auto")),
        course.seed,
        course.options.get("critic") is not False,
        network=networks.ADAPTED if on else networks.USUAL,
        base=bases.choose(on) if on else bases.Chosen(),
        find_base=OpenBases(bases.find),
        begin=begin_of(course.start, course.medium, parts) if course.start else None,
        began=course.began,
    )


FAMILY = SequenceFamily()
