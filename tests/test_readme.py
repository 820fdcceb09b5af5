"""The README and the three tutorials: every command that they show is run, in their order.

What a page shows stays as it stands, but for this: budgets become two steps, networks the smallest, and two
takes are made; TAKE and PIECE become names from the project; the person's works and files are made here; a
question is answered with yes.
"""

from __future__ import annotations

import json
import re
import shlex
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image, ImageDraw

from etude import samples
from etude.cli.main import cli
from tests.families.sequence import small_bases

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
SMALL = ("tunes-pd",)  # weights that a test has time to learn from
TUTORIALS = ("writer", "musician", "illustrator")
MEDIA = {
    "README": "text",
    "tutorial-writer": "text",
    "tutorial-musician": "music",
    "tutorial-illustrator": "image",
}  # of which TAKE is
PAGES = (README, *(ROOT / "docs" / f"tutorial-{name}.md" for name in TUTORIALS))
WORDS = ("well", "moon", "river", "lantern", "garden", "winter", "orchard", "window", "sparrow", "candle")
INSTALLS = ("make setup", "export PATH=")  # of the README: they would install and change this environment
NAMED = {
    "etude add",
    "etude base try",
    "etude sign",
    "etude take edit",
    "etude loop",
    "etude samples chorales",
    "etude studio",  # tests/studio starts it
}  # in prose, not shown to be run
ONE_PASS = "--steps 1"  # only for models that learned for half an hour and more; others say so


# ---- what a page shows


def blocks(page: Path, language: str) -> list[str]:
    """The fenced blocks of one language."""
    return re.findall(rf"```{language}\n(.*?)```", page.read_text(encoding="utf-8"), flags=re.S)


def commands(page: Path) -> list[list[str]]:
    """Every command of a page as words, in its order: shell blocks, and inline code that starts `etude`."""
    text = page.read_text(encoding="utf-8")
    found: list[str] = []
    for block, language, inline in re.findall(r"```(\w*)\n(?s:(.*?))```|`([^`\n]+)`", text):
        if block == "sh":
            found += [part for line in language.splitlines() for part in line.split(" && ")]
        elif inline.startswith("etude ") and inline not in NAMED:
            found.append(inline)
    shown = [
        words
        for line in found
        if not line.startswith(INSTALLS) and (words := shlex.split(line, comments=True))
    ]
    return sorted(
        shown, key=lambda words: words[0] != "cd" and words[:2] != ["etude", "init"]
    )  # a project comes first


# ---- a person's works and files


def verse(seed: int) -> str:
    """Sixty lines that no other seed has."""
    rng, lines = np.random.default_rng(seed), []
    for i in range(60):
        a, b, c = (WORDS[k] for k in rng.integers(0, len(WORDS), 3))
        lines.append(f"The {a} was under the {b}, and no {c} rose{';.'[i % 2]}" + "\n" * (1 + (i % 4 == 3)))
    return "".join(lines)


def drawing(seed: int, side: int = 40) -> Image.Image:
    """A disc or a box of one colour, somewhere on white."""
    rng = np.random.default_rng(seed)
    picture = Image.new("RGB", (side, side), "white")
    x, y, size = (int(rng.integers(2, 14)), int(rng.integers(2, 14)), int(rng.integers(14, 24)))
    draw = ImageDraw.Draw(picture)
    shape = draw.ellipse if seed % 2 else draw.rectangle
    shape((x, y, x + size, y + size), fill=tuple(int(v) for v in rng.integers(0, 220, 3)), outline="black")
    return picture


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder with poems, scores, drawings and clips; OpenMoji is cut to its first sixty pictures."""
    for folder in ("poems", "drafts", "drawings", "clips"):
        (tmp_path / folder).mkdir()
    for seed in range(6):
        for folder in ("poems", "drafts"):
            (tmp_path / folder / f"{seed}.txt").write_text(verse(seed), encoding="utf-8")
    shutil.copytree(Path(samples.__file__).parent / "tunes", tmp_path / "tunes")
    for seed in range(36):
        drawing(seed).save(tmp_path / "drawings" / f"{seed:02d}.png")
        frames = [drawing(seed).rotate(-10 * turn, fillcolor="white") for turn in range(16)]
        frames[0].save(
            tmp_path / "clips" / f"{seed:02d}.gif",
            save_all=True,
            append_images=frames[1:],
            duration=60,
            loop=0,
        )
    whole, drawings, chapters = samples.openmoji, samples.openmoji_svg, samples.novel
    monkeypatch.setattr(samples, "novel", lambda: islice(chapters(), 20))
    monkeypatch.setattr(samples, "openmoji", lambda: islice(whole(), 60))
    monkeypatch.setattr(samples, "openmoji_svg", lambda: islice(drawings(), 60))
    monkeypatch.setattr("click.launch", lambda path: 0)  # a sheet that is opened would stay on the screen
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path


# ---- running it


@dataclass
class Reader:
    """Somebody who types what a page shows, with small budgets."""

    page: Path
    change_folder: Callable[[Path], None]

    def follow(self) -> None:
        """Every command of the page, each of which must succeed."""
        for words in commands(self.page):
            if words[0] == "cd":
                self.change_folder(Path(words[1]))
                self.put_files()
                continue
            assert words[0] == "etude", words
            if words[1:3] == ["base", "get"]:
                self.put_base(words[3])
                continue
            if (
                "--start" in words and words[words.index("--start") + 1] not in SMALL
            ):  # the real weights make a larger network than a test has time for: only planned as shown
                planned = self.run(*words[1:], "--dry-run")
                assert planned.exit_code == 0, f"{words} -> {planned.output}"
                at = words.index("--start")
                words = words[:at] + words[at + 2 :]
            typed = list(self.typed(words[1:]))
            result = self.run(*typed)
            if ONE_PASS in " ".join(typed) and result.exit_code == 2:
                assert "one-pass" in result.output, result.output
            elif (
                "--no-copy" in typed and result.exit_code == 2
            ):  # pages say 95 % of held-out works; here are few
                assert "Too few works are held out" in result.output, result.output
            else:
                assert result.exit_code == 0, f"{typed} -> {result.output}\n{result.exception!r}"

    def put_base(self, name: str) -> None:
        """A small base of random weights under the name of the one that the page fetches: tests have no
        network."""
        path = small_bases.folder(Path("..") / name, vocab=520, made=small_bases.tokenizer(500, [verse(0)]))
        result = self.run("base", "add", str(path), "--name", name)
        assert result.exit_code == 0, result.output

    def run(self, *words: str) -> Result:
        """One command, in this process."""
        return CliRunner().invoke(cli, list(words))

    def put_files(self) -> None:
        """The files that pages name, in the project folder."""
        begun = verse(7)[:200].replace(" under ", " under the words to replace by ", 1)
        Path("begun.md").write_text(begun, encoding="utf-8")
        Path("mine.md").write_text(verse(8)[:300], encoding="utf-8")
        for tune in blocks(self.page, "abc"):
            Path("walk.abc").write_text(tune, encoding="utf-8")
        drawing(50).save("sketch.png")
        drawing(51, 32).save("mine.png")
        Image.fromarray(np.pad(np.full((16, 16), 255, np.uint8), 8)).save("mask.png")

    def typed(self, words: list[str]) -> Iterator[str]:
        """The words as they are run."""
        takes = iter(self.listed("take", "takes", MEDIA[self.page.stem]))
        for before, word in zip(["", *words], words, strict=False):
            if before == "--budget":
                yield "2steps"
            elif before == "-n":
                yield word if "--series" in words else "2"
            elif word == "TAKE":
                yield next(takes)
            elif word == "PIECE":
                yield self.listed("pieces", "pieces")[-1]
            elif word == "mine.musicxml":
                yield "walk.abc"
            elif word.startswith("pieces/"):
                yield str(
                    max(Path("pieces").glob(f"*{Path(word).suffix}"), key=lambda path: path.stat().st_mtime)
                )
            else:
                yield str(Path(word).expanduser()) if word.startswith("~") else word
        if words[0] in ("make", "branch") and "-n" not in words:
            yield from ("-n", "2")
        if words[0] == "learn":
            given = "--on" in words or "--start" in words
            yield from ("--no-critic",) if given else ("--size", "xs", "--no-critic")
            yield from ("--frames", "4") if words[1] == "moves" else ()
        if words[0] == "sign" and "--preview" not in words:
            yield "--yes"

    def listed(self, command: str, key: str, medium: str = "") -> list[str]:
        """Names of takes or pieces in the project, in the order made; of one medium where it is said."""
        result = self.run(command, "ls", "--json")
        found = json.loads(result.output)[key] if result.exit_code == 0 else []
        return [one["id"] for one in found if not medium or one["medium"] == medium]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_command_of_the_page_runs(page: Path, desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(commands(page)) >= 8
    Reader(page, monkeypatch.chdir).follow()
    assert list(Path("pieces").iterdir())


def test_every_option_that_a_page_names_is_in_the_reference() -> None:
    known = set(re.findall(r"--[a-z][a-z-]*", (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")))
    for page in PAGES:
        text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.S)
        named = {
            option
            for code in re.findall(r"`([^`\n]+)`", text)
            for option in re.findall(r"--[a-z][a-z-]*", code)
        }
        assert named <= known, (page.name, named - known)


def test_the_example_of_the_readme_runs(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (code,) = blocks(README, "python")
    assert len([line for line in code.splitlines() if line.strip()]) <= 11  # ten lines and the import
    assert code.count('budget="10m"') == 1
    code = code.replace('budget="10m"', 'budget="20steps", size="xs", critic=False')
    names: dict[str, object] = {}
    exec(compile(code, str(README), "exec"), names)  # noqa: S102  our own page, and it must run as it stands
    assert "intact" in capsys.readouterr().out.casefold()
    assert (desk / "my-studio" / "etude.toml").exists()


def test_the_readme_is_short_and_the_targets_that_it_names_exist() -> None:
    text = README.read_text(encoding="utf-8")
    assert len(text.split()) <= 700
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.M))
    assert set(re.findall(r"\bmake ([a-z]+)$|`make ([a-z]+)`", text, flags=re.M))
    for pair in re.findall(r"^make ([a-z]+)$|`make ([a-z]+)`", text, flags=re.M):
        assert set(pair) - {""} <= targets, pair


@pytest.mark.parametrize(
    "page",
    [README, ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))],
    ids=lambda page: page.relative_to(ROOT).as_posix(),
)
def test_what_a_page_links_to_is_there(page: Path) -> None:
    for link in re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8")):
        assert link.startswith("http") or (page.parent / link).exists(), link


@pytest.mark.parametrize(
    "page", [*sorted((ROOT / "docs").glob("*.md")), ROOT / "CONTRIBUTING.md"], ids=lambda page: page.stem
)
def test_files_that_a_page_names_exist(page: Path) -> None:
    """Modules and tests by their paths; what a reader is asked to create lies under media/beat."""
    for name in re.findall(r"`((?:[a-z_]+/)+[a-z_]+\.py)`", page.read_text(encoding="utf-8")):
        assert "beat/" in name or (ROOT / name).exists() or (ROOT / "src" / "etude" / name).exists(), name
