"""The README's Python example runs as it stands; only the budget is made tiny, and the poems are ours."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

README = Path(__file__).parents[1] / "README.md"
WORDS = [
    "well",
    "moon",
    "river",
    "lantern",
    "garden",
    "winter",
    "orchard",
    "window",
    "sparrow",
    "candle",
    "letter",
    "kitchen",
]


def example() -> str:
    """The one Python block of the README."""
    blocks = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), flags=re.S)
    assert len(blocks) == 1
    return str(blocks[0])


def verse(seed: int) -> str:
    lines = []
    for i in range(60):
        a, b, c = (WORDS[(seed * 5 + i * k + i * i) % len(WORDS)] for k in (1, 3, 7))
        lines.append(f"The {a} was under the {b}, and no {c} rose{';.'[i % 2]}" + "\n" * (1 + (i % 4 == 3)))
    return "".join(lines)


def test_the_example_of_the_readme_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code = example()
    assert len([line for line in code.splitlines() if line.strip()]) <= 11  # ten lines and the import
    assert code.count('budget="10m"') == 1
    code = code.replace('budget="10m"', 'budget="20steps", size="xs", critic=False')
    (tmp_path / "poems").mkdir()
    for seed in range(6):
        (tmp_path / "poems" / f"{seed}.txt").write_text(verse(seed), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    exec(compile(code, str(README), "exec"), names)  # noqa: S102  our own page, and it must run as it stands
    assert "intact" in capsys.readouterr().out.casefold()
    assert (tmp_path / "my-studio" / "etude.toml").exists()


def test_what_the_readme_links_to_is_there() -> None:
    for link in re.findall(r"\]\(([^)#]+)\)", README.read_text(encoding="utf-8")):
        assert link.startswith("http") or (README.parent / link).exists(), link
