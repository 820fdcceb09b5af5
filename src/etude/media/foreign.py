"""Files of no medium: what each is, and what converts it, as the media that know its kind say.

A PDF is a drawing to one person and a text to another: where nobody said which, both ways are named.
"""

from __future__ import annotations

from pathlib import PurePath

from etude.errors import WorkError, clean
from etude.media.encoding import foreign as texts
from etude.media.pixels import foreign as pictures

_ANY = {  # by the medium that a person wants: who is asked, in which order
    "text": (texts.recognise, pictures.recognise),
    "image": (pictures.recognise, texts.recognise),
    "video": (pictures.recognise, texts.recognise),
}


def unknown(path: PurePath, data: bytes, wanted: str | None = None) -> WorkError:
    """Why a file of no known medium cannot be a work, and what to do about it."""
    suffix = path.suffix.lower()
    asked = _ANY.get(wanted or "", _ANY["image"])
    found = [known for known in (ask(data, suffix) for ask in asked) if known is not None]
    if not found:
        return WorkError(f"is of an unknown type ('{clean(suffix or path.name, 40)}')")
    both = (
        len(found) == 2 and wanted not in _ANY and found[0].what.split(",")[0] == found[1].what.split(",")[0]
    )
    hint = f"As a picture: {found[0].hint} As a text: {found[1].hint}" if both else found[0].hint
    return WorkError(f"is {found[0].what.split(',')[0]}, which is not read", hint)
