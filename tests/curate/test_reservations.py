"""What files say of training in themselves, in every form that is read, and what says nothing."""

from __future__ import annotations

import io
import zipfile
import zlib

import pytest

from etude.curate.reservations import Reservation, of_manifest, read, strictest

XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/">'
XMP += b'<rdf:Description xmlns:plus="http://ns.useplus.org/ldf/xmp/1.0/" %s</x:xmpmeta>'
DMI = b"http://ns.useplus.org/ldf/vocab/DMI-"


def png(text: bytes, *, packed: bool) -> bytes:
    body = b"XML:com.adobe.xmp\0" + (b"\1\0" if packed else b"\0\0") + b"\0\0"
    body += zlib.compress(text) if packed else text
    chunk = len(body).to_bytes(4, "big") + b"iTXt" + body
    return b"\x89PNG\r\n\x1a\n" + chunk + zlib.crc32(b"iTXt" + body).to_bytes(4, "big")


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize(
    ("words", "says"),
    [
        (b"PROHIBITED", "not allowed"),
        (b"PROHIBITED-GENAIMLTRAINING", "not allowed"),
        (b"PROHIBITED-EXCEPTSEARCHENGINEINDEXING", "not allowed"),
        (b"PROHIBITED-SEECONSTRAINT", "constrained"),
        (b"ALLOWED", "allowed"),
    ],
)
def test_plus_data_mining_in_all_spellings(words: bytes, says: str, packed: bool) -> None:
    for spelling in (
        b'plus:DataMining="' + DMI + words + b'"/>',
        b"><plus:DataMining>" + DMI + words + b"</plus:DataMining></rdf:Description>",
        b'><plus:DataMining rdf:resource="' + DMI + words + b'"/></rdf:Description>',
    ):
        (found,) = read(png(XMP % spelling, packed=packed), ".png")
        assert (found.says, found.standard, found.raw) == (says, "PLUS Data Mining", "DMI-" + words.decode())
        if not packed:
            assert read(b"\xff\xd8" + XMP % spelling, ".jpg") == (found,)


def test_what_is_not_specified_says_nothing() -> None:
    assert read(b"RIFF" + XMP % (b'plus:DataMining="' + DMI + b'UNSPECIFIED"/>'), ".webp") == ()
    assert read(b"\x89PNG\r\n\x1a\n", ".png") == read(b"", ".txt") == read(b"", ".epub") == ()
    poem = b"My tdm:reservation is none,\nand <meta name=tdm-reservation content=1> a joke."
    assert read(poem, ".md") == ()


def test_tdmrep_in_pages_books_and_xmp() -> None:
    page = b'<html><head><META content="1" NAME=\'tdm-reservation\'><meta name="x" content="0"></head></html>'
    (found,) = read(page, ".html")
    assert (found.says, found.standard, found.where) == ("not allowed", "TDMRep", "the head of the page")
    assert read(b'<meta name="tdm-reservation" content="0">', ".htm")[0].says == "allowed"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as book:
        book.writestr("OEBPS/content.opf", '<package><meta property="tdm:reservation">1</meta></package>')
    (found,) = read(out.getvalue(), ".epub")
    assert (found.says, found.where) == ("not allowed", "the package of the book")
    pdf = b"%PDF-1.7 stream" + XMP % b"><tdm:reservation>1</tdm:reservation></rdf:Description>"
    assert read(pdf, ".pdf")[0].says == "not allowed"
    assert read(out.getvalue()[:40], ".epub") == ()  # a damaged book says nothing, and does not fail


def test_the_preference_of_the_ietf_in_pages_and_front_matter() -> None:
    page = b'<meta http-equiv="Content-Usage" content="search=y, train-ai=n">'
    assert read(page, ".html")[0].says == "not allowed"
    said = read(b"---\ntitle: A\ncontent-usage: train-ai=n\n---\nA poem", ".md")
    assert said == (Reservation("IETF AIPREF", "not allowed", "its front matter", "train-ai=n"),)
    assert read(b"---\ntitle: A\ncontent-usage: search=n\n---\nA poem", ".md") == ()


def test_credentials_of_cawg_and_before() -> None:
    entries = {
        "cawg.ai_generative_training": {"use": "constrained"},
        "cawg.ai_inference": {"use": "notAllowed"},
    }
    manifest = {"assertions": [{"label": "cawg.training-mining", "data": {"entries": entries}}]}
    (found,) = of_manifest(manifest)
    assert (found.says, found.raw) == ("constrained", "cawg.ai_generative_training: constrained")
    old = {
        "assertions": [
            {
                "label": "c2pa.training-mining",
                "data": {"entries": {"c2pa.ai_training": {"use": "notAllowed"}}},
            }
        ]
    }
    assert of_manifest(old)[0].says == "not allowed"
    assert of_manifest({}) == ()


def test_the_strictest_holds_and_silence_is_unknown() -> None:
    def said(says: str) -> Reservation:
        return Reservation("TDMRep", says, "", "")  # type: ignore[arg-type]

    found = strictest([said("allowed"), said("not allowed"), said("constrained")])
    assert found is not None and found.says == "not allowed"
    assert strictest([]) is None
