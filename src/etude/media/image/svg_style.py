"""Style sheets of a drawing worked into its elements, as a browser would: what resvg is given then needs no
CSS of its own.

resvg knows colours of CSS 3, plain selectors and no variables. So for every element the declarations that win
are found here, their variables, colours and arithmetic are worked out, and the outcome is written into its
`style`, its geometry into its attributes. Copies by `use` see the variables of the place where they are put,
so such a copy is written out. After SVG 2, section 6, and CSS Cascade 5.
"""

from __future__ import annotations

import copy
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from lxml import etree

from etude.config.media import IMAGE
from etude.media.image import svg_transform as transforms
from etude.media.image.css import colours, sheet, values
from etude.media.image.css.selectors import HOLDER, Matching, Selector
from etude.media.image.css.values import Lengths
from etude.media.image.svg_properties import (
    _CAPITALS,
    _CASED,
    _COLOURS,
    _FONT_SIZES,
    _GEOMETRY,
    _INHERITED,
    _INITIAL,
    _LENGTHS,
    _ODD,
    _PRESENTED,
    _VARIABLE,
)
from etude.media.image.svg_size import view_box
from etude.media.image.svg_tree import Element, href, name_of, set_href

_SIDES = ("width", "height")


@dataclass(frozen=True)
class _Here:
    """What an element has from those around it."""

    variables: Mapping[str, str] = field(default_factory=dict)
    colour: colours.Colour = (0, 0, 0, 1)
    lengths: Lengths = field(default_factory=Lengths)
    view: tuple[float, float] = (300.0, 150.0)  # the nearest viewport, in its own units


@dataclass
class _Styles:
    """The rules of a drawing by what an element must have, and how much was looked at."""

    rules: dict[str, list[tuple[Selector, tuple[sheet.Declaration, ...], int, int]]]
    seen: Matching
    notes: set[str]
    uses: list[tuple[Element, _Here]] = field(default_factory=list)
    tangled: bool = False  # something in it depends on the place where a copy is put


def inlined(root: Element, size: tuple[float, float], view_box: tuple[float, float] | None) -> list[str]:
    """Work all style sheets into the elements below `root`, in place. Returns what could not be followed.
    Raises WorkError.

    `size`: of the whole drawing in px, which relative lengths and `@media` go by; `view_box`: its own width
    and height in units.
    """
    sheets = [e for e in root.iter() if name_of(e) == "style"]
    if not sheets and not _needs(root):
        return []
    styles, initial = _collected(sheets, sheet.View(*size))
    untouched = copy.deepcopy(root)
    here = _Here(initial, lengths=Lengths(wide=size[0], high=size[1]), view=view_box or size)
    _style(root, here, styles, outermost=True)
    if styles.tangled and styles.uses:
        _write_out_copies(root, untouched, styles)
    for element in [e for e in root.iter() if name_of(e) == "style"]:
        parent = element.getparent()
        if parent is not None:
            parent.remove(element)
    return sorted(styles.notes)


def _needs(root: Element) -> bool:
    """Whether any attribute says something that resvg would not understand."""
    return root.get("transform") is not None or any(
        key == "style" or ((key in _LENGTHS or key in _PRESENTED) and _odd(str(value)))
        for element in root.iter()
        for key, value in element.attrib.items()
    )


def _odd(text: str) -> bool:
    return _ODD.search(text) is not None or _CAPITALS.search(text) is not None


def _collected(sheets: list[Element], view: sheet.View) -> tuple[_Styles, dict[str, str]]:
    styles = _Styles(defaultdict(list), Matching(IMAGE.max_svg_rules), set())
    initial: dict[str, str] = {}
    order = 0
    for element in sheets:
        kind = (element.get("type") or "text/css").strip().lower()
        if kind not in ("", "text/css") or not sheet.media_holds(element.get("media") or "", view):
            continue
        text = "".join(element.itertext())
        initial.update(sheet.registered(text))
        for rule in sheet.rules(text, view):
            order += 1
            for selector in rule.selectors:
                styles.rules[selector.key].append((selector, rule.declarations, rule.layer, order))
    return styles, initial


def _declared(
    element: Element, styles: _Styles
) -> Iterator[tuple[tuple[bool, bool, int, tuple[int, int, int], int], sheet.Declaration]]:
    """Every declaration that holds for an element, with its weight."""
    keys = [
        "*",
        name_of(element),
        f"#{element.get('id')}",
        *(f".{c}" for c in dict.fromkeys((element.get("class") or "").split())),
    ]
    for key in keys if styles.rules else ():
        for selector, declarations, layer, order in styles.rules.get(key, ()):
            if selector.fits(element, styles.seen):
                styles.tangled |= len(selector.parts) > 1
                for one in declarations:
                    yield (
                        (
                            one.important,
                            False,
                            -layer if one.important else layer,
                            selector.specificity,
                            order,
                        ),
                        one,
                    )
    for number, one in enumerate(sheet.declarations(element.get("style") or "")):
        yield (one.important, True, 0, (0, 0, 0), number), one


def _winners(element: Element, styles: _Styles) -> dict[str, str]:
    """Property -> the declaration that wins; attributes that present stand below all of them, and are left
    out here."""
    best: dict[str, tuple[tuple[bool, bool, int, tuple[int, int, int], int], str]] = {}
    for weight, one in _declared(element, styles):
        if one.name not in best or best[one.name][0] <= weight:
            if one.name.startswith("--") or _VARIABLE.search(one.value) or _makes_sense(one.name, one.value):
                best[one.name] = (weight, one.value)
    return {name: value for name, (_, value) in best.items()}


def _makes_sense(name: str, value: str) -> bool:
    """Whether a value is one that the property takes; what is not checked here is taken to be."""
    word = value.lower()
    if word in ("inherit", "initial", "unset", "revert", "revert-layer"):
        return True
    if name in _COLOURS:
        if name in ("fill", "stroke") and (
            word in ("none", "context-fill", "context-stroke") or word.startswith("url(")
        ):
            return True
        return colours.parsed(value) is not None
    if name in ("stroke-width", "stroke-dashoffset", "cx", "cy", "r", "x", "y"):
        return values.length(value, Lengths(whole=100)) is not None
    if name in ("opacity", "fill-opacity", "stroke-opacity", "stop-opacity", "flood-opacity"):
        return values.length(value, Lengths(whole=1)) is not None
    return True


def _style(element: Element, around: _Here, styles: _Styles, outermost: bool = False) -> None:
    """Write into an element, and into all below it, what holds for it."""
    winners = _winners(element, styles)
    variables = {name: value for name, value in winners.items() if name.startswith("--")}
    here = replace(around, variables=values.settled(variables, around.variables)) if variables else around
    won = {name: value for name, value in winners.items() if not name.startswith("--")}
    for key in element.attrib:  # attributes that present, where nothing else does
        name = str(key)
        if (
            name in _PRESENTED
            and name not in won
            and not name.startswith("transform")
            and _odd(str(element.attrib[key]))
        ):
            won[name] = str(element.attrib[key])
    here = _with_letters(element, won, here)
    if outermost and here.lengths.rem != here.lengths.em:
        here = replace(here, lengths=replace(here.lengths, rem=here.lengths.em))
    here = _with_colour(element, won, here)
    _write(element, won, here, styles, outermost)
    tag = name_of(element)
    if tag == "use":
        styles.uses.append((element, here))
    inner = replace(here, view=_viewport(element, here.view)) if tag == "svg" and not outermost else here
    for child in element:
        if isinstance(child.tag, str):
            _style(child, inner, styles)


def _computed(name: str, value: str, here: _Here, styles: _Styles) -> str | None:
    """A value with everything in it worked out; None where it comes to nothing."""
    text: str | None = value
    if _VARIABLE.search(value):
        styles.tangled = True
        text = values.with_variables(value, here.variables)
        if text is None or not _makes_sense(name, text.strip()):
            return "inherit" if name in _INHERITED else None
    assert text is not None
    word = text.strip().lower()
    if word in ("unset", "revert", "revert-layer"):
        return "inherit" if name in _INHERITED else None
    if word == "initial":
        return _INITIAL.get(name)
    if name in _COLOURS and word != "currentcolor":
        colour = colours.parsed(text, here.colour)
        if colour is not None:
            return colours.as_hex(colour)
    if "(" in text:
        text = colours.replaced(text, here.colour)
    if (
        name in _LENGTHS
        or name in ("opacity", "transform", "filter", "fill-opacity", "stroke-opacity")
        or "calc(" in text
    ):
        text = values.with_lengths(text, _measured_along(name, here))
    if word == "currentcolor":
        return "currentColor"
    word = text.strip().lower()
    return text.strip() if "(" in text else _CASED.get(word, word)


def _measured_along(name: str, here: _Here) -> Lengths:
    """Lengths here, with what 100 % is for this property."""
    wide, high = here.view
    if "opacity" in name or name in ("transform", "filter", "transform-origin"):
        return here.lengths
    along = (
        wide
        if name in ("x", "width", "cx", "rx")
        else high
        if name in ("y", "height", "cy", "ry")
        else ((wide**2 + high**2) / 2) ** 0.5
    )
    return replace(here.lengths, whole=along)


def _with_letters(element: Element, won: dict[str, str], here: _Here) -> _Here:
    """With the size of letters here, which `em` goes by."""
    value = won.get("font-size", element.get("font-size"))
    if value is None:
        return here
    text = (values.with_variables(value, here.variables) or "").strip().lower()
    em = here.lengths.em
    size = _FONT_SIZES.get(text) or {"smaller": em / 1.2, "larger": em * 1.2}.get(text)
    if size is None:
        size = values.length(text, replace(here.lengths, whole=em))
    if size is None or size < 0:
        return here
    if "font-size" in won or not re.fullmatch(r"[\d.]+(px)?", text):
        won["font-size"] = f"{size:.6g}"
    return replace(here, lengths=replace(here.lengths, em=float(size)))


def _with_colour(element: Element, won: dict[str, str], here: _Here) -> _Here:
    """With what currentColor means here."""
    value = won.get("color", element.get("color"))
    text = None if value is None else values.with_variables(value, here.variables)
    colour = None if text is None else colours.parsed(text, here.colour)
    return here if colour is None else replace(here, colour=colour)


def _write(element: Element, won: dict[str, str], here: _Here, styles: _Styles, outermost: bool) -> None:
    tag = name_of(element)
    style: dict[str, str] = {}
    placed: dict[str, str] = {}
    for name, value in won.items():
        if outermost and name in _SIDES and values.of_outside(value):
            continue
        text = _computed(name, value, here, styles)
        if name in _GEOMETRY:
            if outermost and name in _SIDES and values.length(text or "", here.lengths):
                element.set(name, f"{values.length(text or '', here.lengths):.9g}")
            elif tag in _GEOMETRY[name] and not outermost:
                _place(element, name, text)
        elif name in transforms.PROPERTIES:
            placed[name] = text or ""
        elif name in ("background", "background-color"):
            _ground(style, text, here) if outermost else None
        elif text is None:
            element.attrib.pop(name, None)
        elif name.startswith("animation") and text.lower() != "none":
            styles.notes.add("scripts and animation")
        elif name in _PRESENTED:
            style[name] = text
    for key in list(element.attrib):
        name = str(key)
        text = str(element.attrib[key])
        if name in style and name in _PRESENTED:
            del element.attrib[key]
        elif outermost and name in _SIDES and values.of_outside(text):
            continue  # says no more than that a window decides
        elif name in _LENGTHS and name not in won and _odd(text):
            _place(element, name, _computed(name, text, here, styles))
    if placed and not outermost:
        transforms.apply(element, placed, here.lengths, here.view)
    elif outermost and (placed or element.get("transform")):
        _turn_whole(element, placed, here)
    element.attrib.pop("style", None)
    if style:
        element.set("style", ";".join(f"{name}:{value}" for name, value in style.items()))


def _turn_whole(root: Element, placed: dict[str, str], here: _Here) -> None:
    """The transform of the whole drawing, about its middle as browsers have it, by a group around all that is
    in it."""
    group = etree.Element(f"{str(root.tag).rpartition('}')[0]}}}g" if "}" in str(root.tag) else "g")
    if root.get("transform"):
        group.set("transform", root.attrib.pop("transform"))
    box = view_box(root) or (0.0, 0.0, 0.0, 0.0)
    middle = {"transform-origin": f"{box[0] + here.view[0] / 2:g}px {box[1] + here.view[1] / 2:g}px"}
    transforms.apply(group, middle | placed, here.lengths, here.view)
    group.extend(list(root))
    root.append(group)


def _place(element: Element, name: str, text: str | None) -> None:
    """Geometry from CSS as an attribute."""
    if name == "d" and text is not None:
        found = re.fullmatch(r"path\(\s*(?:(?:evenodd|nonzero)\s*,)?\s*([\"'])(.*)\1\s*\)", text, re.S | re.I)
        if text.lower() == "none" or found is None:
            return
        text = found[2]
    if text is None or text.lower() == "auto":
        element.attrib.pop(name, None)
    else:
        element.set(name, text)


def _ground(style: dict[str, str], text: str | None, here: _Here) -> None:
    """The colour that lies under the whole drawing."""
    for word in values.split(text or "", " "):
        colour = colours.parsed(word, here.colour)
        if colour is not None:
            style["background-color"] = colours.as_hex(colour)


def _viewport(element: Element, around: tuple[float, float]) -> tuple[float, float]:
    """The size that per cent go by within a nested drawing."""
    box = [
        float(n)
        for n in re.findall(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?", element.get("viewBox", ""), re.I)[:4]
    ]
    if len(box) == 4 and box[2] > 0 and box[3] > 0:
        return box[2], box[3]
    own = [
        values.length(element.get(side) or "100%", Lengths(whole=whole))
        for side, whole in zip(("width", "height"), around)
    ]
    return own[0] or around[0], own[1] or around[1]


def _write_out_copies(root: Element, untouched: Element, styles: _Styles) -> None:
    """Where a copy by `use` looks otherwise than what it copies, give it an original of its own."""
    originals = {str(e.get("id")): e for e in reversed(list(untouched.iter())) if e.get("id")}
    made: dict[tuple[object, ...], str] = {}
    store = etree.SubElement(
        root, f"{{{etree.QName(root).namespace or ''}}}defs" if etree.QName(root).namespace else "defs"
    )
    left = IMAGE.max_svg_copied
    waiting = list(styles.uses)
    while waiting:
        use, here = waiting.pop()
        target = originals.get(href(use)[1:])
        if target is None or any(name_of(e) == "use" and e is target for e in use.iterancestors()):
            continue
        key = (href(use), tuple(sorted(here.variables.items())), here.colour, here.lengths, here.view)
        if key not in made:
            left -= sum(1 for _ in target.iter())
            if left < 0:
                styles.notes.add("colours of some of its copies")
                return
            holder = etree.Element(HOLDER)
            holder.append(copy.deepcopy(target))
            styles.uses = []
            _style(holder[0], here, styles)
            waiting += styles.uses
            for inside in holder.iter():
                inside.attrib.pop("id", None)
            made[key] = f"etude-copy-{len(made) + 1}"
            holder[0].set("id", made[key])
            store.append(holder[0])
        set_href(use, f"#{made[key]}")
