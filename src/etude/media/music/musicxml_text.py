"""From the bytes of a MusicXML document to its parts and their measures, whatever its label says and whichever way it is turned.

The encoding is taken from the bytes where the label contradicts them. Characters that XML forbids are left out, names of HTML
become their characters. Entities are never resolved and nothing is fetched. Knows nothing of notes.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, field
from html.entities import name2codepoint
from itertools import islice

from lxml import etree

from etude.errors import WorkError
from etude.media.music.guarded import clean, reason
from etude.media.music.musicxml_values import Element

EXPORT_HINT = "Open it in the program that made it and export MusicXML again."
ROOTS = ("score-partwise", "score-timewise")
OTHERS = {
    "opus": ("an opus, which lists scores and holds no notes itself", "Add the scores that it names."),
    "museScore": ("MuseScore's own format", "Open it in MuseScore and export it as MusicXML."),
    "mei": ("MEI", "Open it in MuseScore or Verovio and export it as MusicXML or MIDI."),
    "container": ("the list of contents of a zipped score", "Add the .mxl file that it came from."),
}  # root -> what the file is, and what helps
LABEL = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']\s*([A-Za-z0-9._:-]{1,40})""")
KNOWN = re.compile(
    r"(?i)utf-?8|(?:iso[-_]?8859|windows|latin|cp|ibm)[-_]?\d+|koi8-?[ru]|(?:us-)?ascii|gb\w+|big5\w*|shift[-_]jis|euc[-_]\w+|tis-620"
)
ALIASES = {
    **dict.fromkeys(("iso-8859-1", "latin1", "latin-1", "us-ascii", "ascii", "ansi"), "cp1252"),
    **dict.fromkeys(("iso-8859-9", "latin5"), "cp1254"),
    **dict.fromkeys(("windows-31j", "x-sjis", "shift_jis", "shift-jis", "sjis", "ms_kanji"), "cp932"),
    **dict.fromkeys(("macintosh", "x-mac-roman", "mac", "macroman"), "mac_roman"),
    **dict.fromkeys(("x-euc-jp",), "euc_jp"),
    **dict.fromkeys(("gb2312", "gbk"), "gb18030"),
}  # labels as browsers understand them, where Python does not or takes them more narrowly
FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
BAD_REFERENCE = re.compile(r"&#(?:0*(?:[0-8]|1[1245-9]|2\d|3[01])|[xX]0*(?:[0-8bcefBCEF]|1[0-9a-fA-F]));")
NAMED = re.compile(r"&([A-Za-z][A-Za-z0-9]{1,30});")
BARE = re.compile(r"&(?!#?\w{1,31};)")
LAST_TAG = re.compile(r"</(?:[\w.-]+:)?score-(?:part|time)wise\s*>")


@dataclass
class Document:
    """A score as written: its root, for each part its measures (None where the part has none), and what had to be mended."""

    root: Element
    parts: dict[str, list[Element | None]] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)


def document(data: bytes) -> Document:
    """The parts of a MusicXML document. Raises WorkError where there are none."""
    warnings: list[str] = []
    root = parse(data, warnings)
    if any(isinstance(e.tag, str) and "}" in e.tag for e in islice(root.iter(), 20)):
        for element in root.iter():
            if isinstance(element.tag, str):
                element.tag = etree.QName(element).localname
    if root.tag not in ROOTS:
        root = next(root.iter(*ROOTS), root)
    if root.tag in OTHERS:
        what, hint = OTHERS[root.tag]
        raise WorkError(f"This is {what}, not a MusicXML score.", hint)
    if root.tag not in ROOTS:
        raise WorkError(f"The XML is <{clean(str(root.tag), 40)}>, not a MusicXML score.", EXPORT_HINT)
    out = Document(root, _parts(root), warnings)
    if not out.parts:
        raise WorkError("The score has no parts.", EXPORT_HINT)
    return out


def _parts(root: Element) -> dict[str, list[Element | None]]:
    parts: dict[str, list[Element | None]] = {}
    if root.tag == "score-partwise":
        for part in root.findall("part"):
            parts.setdefault(part.get("id", ""), []).extend(part.findall("measure"))
        return parts
    measures = root.findall("measure")
    for i, measure in enumerate(measures):
        for part in measure.findall("part"):
            part.set("implicit", measure.get("implicit", "no"))
            parts.setdefault(part.get("id", ""), [None] * len(measures))[i] = part
    return parts


def parse(data: bytes, warnings: list[str]) -> Element:
    """The root element of an XML document. Raises WorkError in one sentence; `warnings` takes what was mended."""
    text = _decode(data, warnings)
    if "<!ENTITY" in text[:100_000]:
        raise WorkError(
            "The XML declares entities, which MusicXML never needs and Etude never expands.", EXPORT_HINT
        )
    text, dropped = FORBIDDEN.subn("", text)
    text, more = BAD_REFERENCE.subn("", text)
    if dropped + more:
        many = "one character" if dropped + more == 1 else f"{dropped + more:,} characters"
        warnings.append(f"{many} that XML does not allow {'was' if dropped + more == 1 else 'were'} left out")
    text = NAMED.sub(_named, text)
    text = BARE.sub("&amp;", text)
    text = re.sub(r"^[^<]*(?:<\?xml[^>]*\?>)?", "", text, count=1)
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        return etree.fromstring(text.encode(), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        last = LAST_TAG.match(text, max(text.rfind("</", 0, max(text.rfind("wise"), 0)), 0))
        if last is not None and last.end() < len(text):  # what follows the score may be anything
            return parse(text[: last.end()].encode(), warnings)
        raise WorkError(f"This is not well-formed XML ({reason(error)}).", EXPORT_HINT) from error


def _named(found: re.Match[str]) -> str:
    name = found[1]
    if name in ("lt", "gt", "amp", "quot", "apos"):
        return found[0]
    return chr(name2codepoint[name]) if name in name2codepoint else f"&amp;{name};"


def _decode(data: bytes, warnings: list[str]) -> str:
    """The text of the document: by its byte order mark, its zero bytes, UTF-8 where it is that, and only then by its label."""
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if data.startswith(mark):
            if encoding == "utf-8":
                data = data[len(mark) :]
                break
            return data[len(mark) :].decode(encoding, errors="replace")
    head = data[:64].lstrip(b"\r\n\t ")
    if b"<\0" in data[:64] and not head.startswith(b"<?xml") and data[:64].count(0) > 8:
        return data.decode("utf-16-le" if data[:64].index(b"<\0") % 2 == 0 else "utf-16-be", errors="replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    label = LABEL.search(data[:400])
    name = label[1].decode().lower() if label else ""
    encoding = ALIASES.get(name, name)
    if name and name not in ("utf-8", "utf8") and (name in ALIASES or KNOWN.fullmatch(encoding)):
        try:
            return data.decode(encoding)
        except (LookupError, UnicodeDecodeError):
            pass
    warnings.append("its text is neither UTF-8 nor what it says; it was read as Windows-1252")
    return data.decode("cp1252", errors="replace")
