"""Macros of ABC (2.1, chapter 9): a sign that stands for notes, as `m: ~G2 = {A}G{F}G`, or for notes around any note (`~n2`).

Works on the text of a line before it is read. Expands each line once, so that a macro cannot call itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

LETTERS = "CDEFGAB"
PIECES = re.compile(r'"[^"]*"|![a-z][^!|\s]*!|\[[A-Za-z]:[^\]]*\]')  # of a line: no place for macros
RELATIVE = re.compile(r'"[^"]*"|![^!]*!|([h-z])')
MOST_CHARACTERS = 20_000  # in a line after its macros


@dataclass(frozen=True)
class Macro:
    """`target` as it is looked for, and the text that stands for it; `relative`: letters h to z are notes around the note n."""

    target: re.Pattern[str]
    text: str
    relative: bool


def parse_macro(text: str) -> Macro:
    """'~n2 = (3o/n/m/ n'. Raises ValueError."""
    target, equals, body = (part.strip() for part in text.partition("="))
    if not equals or not target or len(target) > 31 or len(body) > 400:
        raise ValueError("a macro looks like ~G2 = {A}G{F}G")
    relative = "n" in target
    pattern = re.escape(target)
    if relative:
        pattern = pattern.replace("n", r"([A-Ga-g])([,']*)", 1)
    return Macro(re.compile(pattern + r"(?![\d/])" * target[-1].isdigit()), body, relative)


def expand(line: str, macros: list[Macro]) -> str:
    """The line with its macros written out, or as it is where that would be too long."""
    out: list[str] = []
    at = 0
    for fixed in [*PIECES.finditer(line), None]:
        piece = line[at : fixed.start()] if fixed else line[at:]
        for macro in macros:
            piece = macro.target.sub(lambda m, macro=macro: _written(macro, m), piece)  # type: ignore[misc]
            if len(piece) > MOST_CHARACTERS:
                return line
        out.append(piece)
        if fixed:
            out.append(fixed[0])
            at = fixed.end()
    return "".join(out)


def _written(macro: Macro, found: re.Match[str]) -> str:
    if not macro.relative:
        return macro.text
    octave = (1 if found[1].islower() else 0) + found[2].count("'") - found[2].count(",")
    step = LETTERS.index(found[1].upper()) + 7 * octave

    def note(m: re.Match[str]) -> str:
        if not m[1]:
            return m[0]
        octave, letter = divmod(step + ord(m[1]) - ord("n"), 7)
        if octave < 1:
            return LETTERS[letter] + "," * -octave
        return LETTERS[letter].lower() + "'" * (octave - 1)

    return RELATIVE.sub(note, macro.text)
