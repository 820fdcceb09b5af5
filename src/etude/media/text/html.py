"""A page of HTML as text: paragraphs apart by an empty line, `br` as a line end, everything that is no text left out.

Parsed by libxml2 with no network and no entities of its own. Knows nothing of books.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from lxml import etree

from etude.errors import WorkError

_SKIP = {
    "script",
    "style",
    "head",
    "template",
    "noscript",
    "svg",
    "math",
    "iframe",
    "object",
    "nav",
    "form",
    "button",
    "select",
    "textarea",
    "audio",
    "video",
}
_PARAGRAPHS = {
    "p",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "blockquote",
    "pre",
    "ul",
    "ol",
    "dl",
    "table",
    "figure",
    "section",
    "article",
    "hr",
    "aside",
}
_LINES = {
    "div",
    "li",
    "dt",
    "dd",
    "tr",
    "header",
    "footer",
    "main",
    "body",
    "figcaption",
    "address",
    "center",
}
_LINE, _PARAGRAPH, _BLANK, _BREAK = (
    "\0\1\2\3"  # wishes for a break; blanks and line ends of `pre`: until `_settle`
)
_MARKS = re.compile("[\0\1\2\3]")
_SPACE = re.compile(r"[ \t\n\r\f]+")
_DECLARATION = re.compile(rb"""<\?xml[^>]*encoding=["']([\w-]+)|<meta[^>]+charset=["']?\s*([\w-]+)""", re.I)


def declared_encoding(data: bytes) -> str:
    """The encoding that the first kilobytes of a page name, or ''."""
    found = _DECLARATION.search(data[:4096])
    return (found[1] or found[2]).decode("ascii") if found else ""


def parse(text: str) -> etree._Element:
    """The tree of a page. Raises WorkError where there is none."""
    parser = etree.HTMLParser(
        encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=False
    )
    try:
        root = etree.fromstring(re.sub(r"^\s*<\?xml[^>]*\?>", "", text).encode("utf-8", "replace"), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise WorkError(f"This page cannot be read as HTML ({error}).", "Save it as .txt.") from error
    if root is None:
        raise WorkError("This page is empty.", "Save it again, or leave it out.")
    return root


def title(root: etree._Element) -> str:
    """The page's `title`, or ''."""
    return " ".join(str(root.findtext(".//title") or "").split())


def author(root: etree._Element) -> str:
    """The page's `author`, where it names one."""
    return next(
        (
            str(m.get("content", ""))
            for m in root.iter("meta")
            if str(m.get("name", "")).lower() in ("author", "dc.creator")
        ),
        "",
    )


def to_text(root: etree._Element, skip: Callable[[etree._Element], bool] | None = None) -> str:
    """The text of a tree. `skip` says which further elements are left out with all that is in them."""
    out: list[str] = []
    pre = 0
    omit = 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        tag = _tag(element)
        leave = tag in _SKIP or element.get("hidden") is not None or (skip is not None and skip(element))
        if event == "start":
            omit += leave
            pre += tag == "pre"
            if omit:
                continue
            if tag == "br":
                out.append("\n")
            elif tag in _PARAGRAPHS:
                out.append(_PARAGRAPH)
            elif tag in _LINES:
                out.append(_LINE)
            elif tag in ("td", "th") and element.getprevious() is not None:
                out.append("\t")
            if element.text:
                out.append(_run(element.text, pre))
        else:
            if not omit:
                out.append(_PARAGRAPH if tag in _PARAGRAPHS else _LINE if tag in _LINES else "")
            omit -= leave
            pre -= tag == "pre"
            if element.tail and not omit:
                out.append(_run(element.tail, pre))
    return _settle("".join(out))


def _tag(element: etree._Element) -> str:
    return element.tag.rsplit("}", 1)[-1].lower() if isinstance(element.tag, str) else ""


def _run(text: str, pre: int) -> str:
    text = _MARKS.sub("", text)
    return text.replace(" ", _BLANK).replace("\n", _BREAK) if pre else _SPACE.sub(" ", text)


def _settle(text: str) -> str:
    """Runs of wishes become one line end, or one empty line where a paragraph is among them; blanks around them go."""
    text = re.sub(r" *\n *", "\n", re.sub(" {2,}", " ", text))
    text = re.sub("[ \n\0\1]+", _one_break, text)
    return text.replace(_BLANK, " ").replace(_BREAK, "\n")


def _one_break(run: re.Match[str]) -> str:
    if _PARAGRAPH in run[0]:
        return "\n\n"
    if _LINE not in run[0]:
        return run[0]
    return "\n" * max(1, run[0].count("\n") + run[0].startswith(_LINE))
