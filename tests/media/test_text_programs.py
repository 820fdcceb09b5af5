"""What particular programs write: Calibre's line breaks, Pandoc's blocks of lines, Scrivener's notes."""

from __future__ import annotations

import pytest

from etude.errors import WorkError
from etude.media.text.medium import MEDIUM as TEXT
from tests.media import textfiles as files

LINES = "The gate is shut,\nthe grass is high,\nand no one asks.\n"


def test_calibres_breaks_are_breaks_though_its_style_sheet_calls_them_blocks() -> None:
    broken = LINES.strip().replace("\n", '<br class="calibre3"/>\n')
    sheet = ".calibre2 { display: block; margin: 1em 0 } .calibre3 { display: block }"
    page = files.page(f'<p class="calibre2">{broken}</p><p class="calibre2">Then rain.</p>').replace(
        "</head>", f"<style>{sheet}</style></head>"
    )
    assert TEXT.read(page.encode(), suffix=".html").content == LINES + "\nThen rain.\n"


def test_pandocs_blocks_of_lines_are_stanzas() -> None:
    block = f'<div class="line-block">{LINES.strip().replace(chr(10), "<br />" + chr(10))}</div>'
    text = TEXT.read(files.page(block + "\n" + block).encode(), suffix=".html").content
    assert text == LINES + "\n" + LINES


def rich(body: str) -> bytes:
    return (r"{\rtf1\ansi\ansicpg1252\uc1{\fonttbl{\f0\fmodern Courier;}}\pard " + body + "}").encode()


@pytest.mark.parametrize(
    "note",
    [
        r"\{\\Scrv_annot \\color=\{\\R=0.97\\G=0.32\\B=0.12\} \\text=too fast? \\end_Scrv_annot\}",
        r"{\Scrv_annot \color={\R=0.97\G=0.32\B=0.12} \text=too fast? \end_Scrv_annot}",
        r"\{\\Scrv_fn=too fast?\\end_Scrv_fn\}",
    ],
)
def test_scriveners_notes_in_the_text_are_left_out_and_named(note: str) -> None:
    data = rich(rf"He came in {note}and sat down.\par <$Scr_Ps::0>Rain.<!$Scr_Ps::0>\par")
    read = TEXT.read(data, suffix=".rtf")
    assert "He came in and sat down." in read.content and read.content.rstrip().endswith("Rain.")
    assert "Scr" not in read.content and any("too fast?" in note for note in read.warnings)
    kept = TEXT.read(data, suffix=".rtf", keep_all=True).content
    assert "too fast?" in kept


@pytest.mark.parametrize(
    ("suffix", "program"), [(".pages", "Pages"), (".sxw", "OpenOffice"), (".fdx", "Final Draft")]
)
def test_a_document_in_a_zip_is_called_by_its_own_name(suffix: str, program: str) -> None:
    data = files.zipped({"Index/Document.iwa": b"x"})
    with pytest.raises(WorkError, match=program):
        TEXT.read(data, suffix=suffix)
