"""Runs of words and breaks, as markup gives them, into lines: what a page shows between two words, and
nothing twice.

A break closes the line or, where nothing stands on it, leaves it empty; the edge of a block closes a line
that has words; the edge of a paragraph leaves one empty line more (CSS 2.1, 9.2 and 16.6). Knows no tags."""

from __future__ import annotations

import re

_SPACE = re.compile(r"[ \t\n\r\f]+")


class Lines:
    """A text being built. `middle`: whether words stand on the line already."""

    def __init__(self) -> None:
        self._out: list[str] = []
        self._ended = 0  # lines closed since the last word
        self._apart = False  # a paragraph's edge was among what closed them
        self._open = False  # something stands on the line
        self._held = ""  # blanks at the start of a line: an indentation, if words follow
        self._space = ""
        self._glued = False

    @property
    def middle(self) -> bool:
        """Whether words stand on the line already."""
        return self._open and not self._held and bool(self._out)

    def words(self, text: str) -> None:
        """Text in which runs of blanks and line ends are one blank."""
        text = _SPACE.sub(" ", text)
        if self._glued and text.strip(" "):
            text = text.lstrip(" ")
        body = text.strip(" ")
        if not body:
            if text and self._open:
                self._space = self._space or " "
            return
        if not self.middle and not body.strip("\xa0"):
            self._hold(body)
            return
        self._put((" " if text[0] == " " and self._open and not self._space else "") + body)
        self._space = " " if text[-1] == " " else ""

    def exact(self, text: str, collapse: bool = False) -> None:
        """Text whose line ends hold, and unless `collapse` its blanks as well."""
        for number, line in enumerate(re.split("\r\n|[\r\n]", text)):
            if number:
                self.end_line()
            if collapse:
                self.words(line)
            elif line.strip(" \t\xa0"):
                self._put(line)
            elif line:
                if self.middle:
                    self._space += line
                else:
                    self._hold(line)

    def end_line(self) -> None:
        """A line break."""
        self._ended += 1
        self._close()

    def edge(self, apart: bool) -> None:
        """The start or end of a block; `apart`: with space around it, as around a paragraph."""
        if self._open:
            self._ended += 1
            self._close()
        self._apart |= apart

    def section(self) -> None:
        """A rule across the page: what follows is another section, two empty lines further."""
        self.edge(True)
        self._ended = max(self._ended, 2)

    def tab(self) -> None:
        """The next cell of a row."""
        if self._open:
            self._space = "\t"

    def glue(self) -> None:
        """What comes next belongs to the word before, whatever stands between: the letter before was an
        initial."""
        self._glued = bool(self._out)

    def text(self) -> str:
        """All of it."""
        return "".join(self._out)

    def _close(self) -> None:
        self._open = False
        self._held = self._space = ""

    def _hold(self, blanks: str) -> None:
        self._held += blanks
        self._open = True

    def _put(self, text: str) -> None:
        if self._glued:
            self._ended, self._apart, self._space = 0, False, ""
            self._glued = False
        elif self._ended and self._out:
            self._out.append("\n" * (self._ended + self._apart))
        self._ended, self._apart = 0, False
        self._out.append(self._held + self._space + text)
        self._held = self._space = ""
        self._open = True
