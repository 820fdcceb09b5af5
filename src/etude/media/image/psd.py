"""What a Photoshop document says before its pixels: its bits, and whether the flattened picture is in it at
all.

Pillow reads that flattened picture, which Photoshop writes where it is told to be compatible. Layers are not
read.
"""

from __future__ import annotations

import struct

from etude.errors import WorkError

_COLOURS = {
    0: "bitmap",
    1: "grey",
    2: "palette",
    3: "RGB",
    4: "CMYK",
    7: "multichannel",
    8: "duotone",
    9: "Lab",
}
_READ = {(0, 1), (0, 8), (1, 8), (2, 8), (3, 8), (4, 8), (8, 8), (9, 8)}
_VERSION = 1057  # the resource that tells whether there is a flattened picture


def check(data: bytes) -> None:
    """Raises WorkError for a document whose flattened picture is missing, or of a depth that is not read."""
    if len(data) < 34:
        raise WorkError("This PSD picture is damaged: it is cut short.", "Export or download it again.")
    bits, colour = struct.unpack_from(">HH", data, 22)
    if (colour, bits) not in _READ:
        raise WorkError(
            f"This Photoshop document has {bits} bits per channel "
            f"({_COLOURS.get(colour, 'unknown colours')}), which are not read.",
            "In Photoshop: Image > Mode > RGB and 8 Bits/Channel; or save it as TIFF or PNG.",
        )
    if _flattened(data) is False:
        raise WorkError(
            "This Photoshop document holds only layers, without the flattened picture that Etude reads.",
            "Save it with 'Maximize Compatibility', or as PNG or TIFF.",
        )


def _flattened(data: bytes) -> bool | None:
    """What the document says of its flattened picture; None where it says nothing."""
    try:
        at = 30 + struct.unpack_from(">I", data, 26)[0]
        end = min(len(data), at + 4 + struct.unpack_from(">I", data, at)[0])
        at += 4
        while at + 12 <= end and data[at : at + 4] in (b"8BIM", b"MeSa", b"AgHg", b"PHUT", b"DCSR"):
            number = struct.unpack_from(">H", data, at + 4)[0]
            name = data[at + 6] + 1
            body = at + 6 + name + name % 2
            size = struct.unpack_from(">I", data, body)[0]
            if number == _VERSION and size >= 5:
                return bool(data[body + 8] != 0)
            at = body + 4 + size + size % 2
    except (struct.error, IndexError):
        return None
    return None
