"""Signs of fonts that hold no letters: what code of Symbol and of Wingdings is which character of Unicode.

Word keeps such signs as a font and a code, since their fonts are older than Unicode. The tables are those of
Adobe (Symbol encoding, PostScript Language Reference, appendix E.12) and of Unicode's own mapping of
Wingdings (L2/12-368). Knows no document.
"""

from __future__ import annotations

_SYMBOL_LOW = (  # codes 0x20 to 0x7E
    " !∀#∃%&∋()∗+,−./0123456789:;<=>?≅ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ[∴]⊥_‾αβχδεφγηιϕκλμνοπθρστυϖωξψζ{|}∼"
)
_SYMBOL_HIGH = (  # codes 0xA0 to 0xFE
    "€ϒ′≤⁄∞ƒ♣♦♥♠↔←↑→↓°±″≥×∝∂•÷≠≡≈…⏐⎯↵ℵℑℜ℘⊗⊕∅∩∪⊃⊇⊄⊂⊆∈∉∠∇®©™∏√⋅¬∧∨⇔⇐⇑⇒⇓◊〈®©™∑⎛⎜⎝⎡⎢⎣⎧⎨⎩⎪�〉∫⌠⎮⌡⎞⎟⎠⎤⎥⎦⎫⎬⎭"
)
_WINGDINGS = {
    0x20: " ", 0x21: "🖉", 0x22: "✂", 0x23: "✁", 0x24: "👓", 0x25: "🕭", 0x26: "🕮", 0x28: "🕿", 0x29: "✆",
    0x2A: "🖂", 0x36: "⌛", 0x37: "🖮", 0x38: "🖰", 0x3C: "🖫", 0x3E: "✇", 0x3F: "✍", 0x41: "✌", 0x43: "👍",
    0x44: "👎", 0x45: "☜", 0x46: "☞", 0x47: "☝", 0x48: "☟", 0x49: "🖐", 0x4A: "☺", 0x4B: "😐", 0x4C: "☹",
    0x4D: "💣", 0x4E: "☠", 0x51: "✈", 0x52: "☼", 0x53: "💧", 0x54: "❄", 0x55: "🕆", 0x56: "✞", 0x58: "✠",
    0x59: "✡", 0x5A: "☪", 0x5B: "☯", 0x5C: "ॐ", 0x5D: "☸", 0x5E: "♈", 0x5F: "♉", 0x60: "♊", 0x61: "♋",
    0x62: "♌", 0x63: "♍", 0x64: "♎", 0x65: "♏", 0x66: "♐", 0x67: "♑", 0x68: "♒", 0x69: "♓", 0x6A: "🙰",
    0x6B: "🙵", 0x6C: "●", 0x6D: "❍", 0x6E: "■", 0x6F: "□", 0x70: "🞐", 0x71: "❑", 0x72: "❒", 0x73: "⬧",
    0x74: "⧫", 0x75: "◆", 0x76: "❖", 0x77: "⬥", 0x78: "⌧", 0x79: "⮹", 0x7A: "⌘", 0x7B: "🏵", 0x7C: "🏶",
    0x7D: "🙶", 0x7E: "🙷", 0x80: "⓪", 0x8B: "⓿", 0x9E: "·", 0x9F: "•", 0xA1: "⭘", 0xA4: "◉", 0xA5: "◎",
    0xA7: "▪", 0xA8: "◻", 0xAA: "✦", 0xAB: "★", 0xAC: "✶", 0xAD: "✴", 0xAE: "✹", 0xAF: "✵", 0xB2: "✧",
    0xB5: "✪", 0xB6: "✰", 0xD5: "⌫", 0xD6: "⌦", 0xD8: "⮘", 0xDC: "⮊", 0xDF: "🡠", 0xE0: "🡢", 0xE1: "🡡",
    0xE2: "🡣", 0xE8: "🡺", 0xEF: "⇦", 0xF0: "⇨", 0xF1: "⇧", 0xF2: "⇩", 0xF3: "⬄", 0xF4: "⇳", 0xFB: "🗴",
    0xFC: "🗸", 0xFD: "🗵", 0xFE: "🗹",
}  # fmt: skip
_WINGDINGS |= {0x81 + i: chr(0x2460 + i) for i in range(10)} | {0x8C + i: chr(0x2776 + i) for i in range(10)}
_WINGDINGS |= {0xB7 + i: chr(0x1F550 + i) for i in range(12)}  # clock faces


def sign(font: str, code: int) -> str:
    """The character of a code in a font; '' where the font is of signs and the code is not known.

    Codes of signs lie at U+F000 and above in Word, and below 256 elsewhere. Any other font holds Unicode.
    """
    low = code - 0xF000 if 0xF000 <= code <= 0xF0FF else code
    name = font.strip().lower()
    if name.startswith("symbol"):
        if 0x20 <= low <= 0x7E:
            return _SYMBOL_LOW[low - 0x20]
        if 0xA0 <= low <= 0xFE:
            return _SYMBOL_HIGH[low - 0xA0].replace("\ufffd", "")
    elif name == "wingdings":
        return _WINGDINGS.get(low, "")
    elif name.startswith(("wingdings", "webdings", "zapf dingbats", "marlett", "mt extra")):
        return ""
    if 0xF020 <= code <= 0xF07E:
        return chr(low)  # a plain letter, put there by an old program
    if 0xE000 <= code <= 0xF8FF or code < 0x20 or 0xD800 <= code <= 0xDFFF or code > 0x10FFFF:
        return ""
    return chr(code)


def is_sign_font(font: str) -> bool:
    """Whether a font holds signs and no letters."""
    return (
        font.strip()
        .lower()
        .startswith(("symbol", "wingdings", "webdings", "zapf dingbats", "marlett", "mt extra"))
    )
