"""The report on a collection as one HTML page that can be read anywhere: no outside resource, no script that
does anything.

What there is to do stands first, then the map, who and what the collection holds, works side by side that are
nearly the same, licences and reservations. Knows the report, the map as SVG, and a preview of each work.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from etude.config.curate import CURATE
from etude.curate import report
from etude.curate.coverage import Attribute
from etude.curate.report import Curated, Twins
from etude.media.html import Markup, fold, join, page, table, tag, text


@dataclass(frozen=True)
class Preview:
    """What a page shows of a work: a picture (bytes and media type), or its first words."""

    picture: bytes = b""
    mime: str = "image/png"
    words: str = ""

    @property
    def uri(self) -> str:
        """The picture inside an address."""
        return f"data:{self.mime};base64,{base64.b64encode(self.picture).decode()}"


Previews = Callable[[str], Preview]


def render(
    found: Curated, drawn: Markup, legend: Sequence[tuple[str, str]], by: str, previews: Previews
) -> str:
    """The whole page. `legend`: the values of attribute `by` that points are coloured by."""
    size = (
        f"{found.works:,} works, {found.units:,} {found.unit}"
        if found.units != found.works
        else (f"{found.works:,} {found.unit}")
    )
    only = "".join(f", {key} {value}" for key, value in found.where.items())
    body = join(
        [
            tag(
                "header",
                tag("p", text("What this collection is made of"), cls="kicker"),
                tag("h1", tag("bdi", text(found.collection + only))),
                tag("p", text(size), cls="soft"),
            ),
            tag(
                "main",
                _todo(found),
                _map(found, drawn, legend, by, previews),
                _coverage(found),
                _twins(found, previews),
                _rights(found),
            ),
            tag(
                "footer",
                tag(
                    "p",
                    text(
                        "Shares are counted in the collection, not estimated. Nothing was sent anywhere. "
                        f"The same as data: etude curate {found.collection} --json"
                    ),
                ),
            ),
        ]
    )
    style = Path(__file__).with_name("page.css").read_text("utf-8")
    return page(f"{found.collection}: what it is made of", body, style=style, script="")


def _todo(found: Curated) -> Markup:
    items = [
        tag("li", text(one.what), *([text(" "), tag("code", text(one.command))] if one.command else []))
        for one in found.proposals
    ]
    if any(one.apply for one in found.proposals) and not found.where:
        items.append(
            tag(
                "li",
                text("Weights and split, but no work, are changed by the same command with "),
                tag("code", text("--apply")),
                text("; "),
                tag("code", text(f"etude curate {found.collection} --undo")),
                text(" takes it back."),
            )
        )
    parts = [tag("h2", text("What you may want to do"))]
    if items:
        parts.append(tag("ul", *items, cls="do"))
    else:
        parts.append(tag("p", text("Nothing: no near-duplicates, no work that may not be trained on.")))
    if found.collect:
        parts += [
            tag("h3", text("Collect more of")),
            tag("ul", *(tag("li", text(line)) for line in found.collect)),
        ]
    if found.balance is not None:
        rows = [
            [text(group), text(report.percent(share)), text(report.percent(found.balance.after[group]))]
            for group, share in sorted(found.balance.before.items(), key=lambda item: -item[1])[:40]
        ]
        parts.append(
            fold(
                f"Shares before and with the weights by {found.balance.by}",
                table(
                    found.balance.words,
                    ["", "now", "weighted"],
                    rows,
                    numeric=frozenset({1, 2}),
                ),
            )
        )
    return tag("section", *parts)


def _map(
    found: Curated, drawn: Markup, legend: Sequence[tuple[str, str]], by: str, previews: Previews
) -> Markup:
    each = f"passage of about {found.passage:,} {found.unit}" if found.passage else "work"
    caption = (
        f"{found.points:,} points, each a {each}; what is alike lies together. Directions mean nothing. "
        "Dashed rings: thin regions, where works stand alone."
    )
    keys = [
        tag("li", tag("i", attrs={"style": f"background:{colour}"}), text(value)) for value, colour in legend
    ]
    rows = []
    for region in found.regions:
        shown = [previews(work_id) for work_id, _ in region.named]
        pictures = tag("div", *(_picture(one) for one in shown if one.picture), cls="thumbs")
        names = text(", ".join(title for _, title in region.named))
        rows.append(
            [
                text(region.number),
                text(f"{region.points:,}"),
                text(f"{region.alone:.2f}"),
                tag("span", text("thin" if region.thin else ""), cls="flag"),
                join([pictures, names]) if any(one.picture for one in shown) else names,
                text(region.mostly),
            ]
        )
    return tag(
        "section",
        tag("h2", text("The map")),
        tag("figure", drawn, tag("figcaption", text(caption))),
        tag("p", text(f"Coloured by {by}:"), cls="soft") if keys else Markup(""),
        tag("ul", *keys, cls="key"),
        table(
            "Regions. Distance to the neighbours: 1 is usual; thin ones are small and stand further apart.",
            ["", "points", "distance", "", "works in the middle", "mostly"],
            rows,
            numeric=frozenset({1, 2}),
        ),
    )


def _coverage(found: Curated) -> Markup:
    parts: list[Markup] = [tag("h2", text("Who and what it holds"))]
    for row in found.attributes:
        if not (line := report.uneven(row)):
            continue  # one value: nothing is spread
        parts += [tag("h3", text(row.key[:1].upper() + row.key[1:])), tag("p", text(line))]
        if few := report.too_few(row):
            parts.append(tag("p", text(few), cls="soft"))
        parts.append(_shares(row))
    if few := report.hardly(found.works):
        parts.append(tag("p", text(few)))
    lines = [report.dated(one) for one in found.times] + [report.crossed(one) for one in found.crossings]
    if lines:
        parts += [
            tag("h3", text("Over time, and in combination")),
            tag("ul", *(tag("li", text(line)) for line in lines)),
        ]
    return tag("section", *parts)


def _shares(row: Attribute) -> Markup:
    most = max(max(s.of_units, s.target or 0) for s in row.shares) or 1.0
    rows = []
    for share in row.shares:
        inside = [tag("b", attrs={"style": f"width:{100 * share.of_units / most:.1f}%"})]
        if share.target is not None:
            inside.append(tag("u", attrs={"style": f"left:{min(98.0, 100 * share.target / most):.1f}%"}))
        rows.append(
            [
                text(share.value),
                text(f"{share.works:,}"),
                text(report.percent(share.of_units)),
                text("" if share.target is None else report.percent(share.target)),
                tag("span", *inside, cls="bar"),
                text("too few" if share.too_few else ""),
            ]
        )
    head = ["", "works", "of the material", "target", "", ""]
    first = table("", head, rows[: CURATE.listed], numeric=frozenset({1, 2, 3}))
    rest = rows[CURATE.listed :]
    if not rest:
        return first
    more = fold(f"{len(rest):,} more", table("", head, rest, numeric=frozenset({1, 2, 3})))
    return join([first, more])


def _twins(found: Curated, previews: Previews) -> Markup:
    if not found.twins:
        return tag("section", tag("h2", text("Near-duplicates")), tag("p", text("None.")))
    works = sum(len(group.members) for group in found.twins)
    shown = found.twins[: CURATE.groups]
    said = (
        f"{works:,} works in {len(found.twins):,} groups are the same as another or nearly so. What stands "
        "in several is learned several times; where they are on both sides of the split, copying looks "
        "normal."
    )
    if len(shown) < len(found.twins):
        said += f" The first {len(shown)} groups:"
    return tag(
        "section",
        tag("h2", text("Near-duplicates, side by side")),
        tag("p", text(said)),
        *(_group(group, previews) for group in shown),
    )


def _group(group: Twins, previews: Previews) -> Markup:
    flags = ["The same content" if group.exact else ""]
    flags += ["on both sides of the split" if group.across else "", *group.differ]
    cards = []
    for member in group.members[: CURATE.beside]:
        one = previews(member.id)
        cards.append(
            tag(
                "div",
                _picture(one) if one.picture else tag("q", text(one.words)),
                text(member.title),
                tag("span", text(member.maker), cls="soft"),
                tag("span", text(f"{member.id}, {member.role}, likeness {member.like:.2f}"), cls="soft"),
                cls="work",
            )
        )
    if len(group.members) > CURATE.beside:
        cards.append(tag("div", text(f"and {len(group.members) - CURATE.beside:,} more"), cls="work"))
    said = "; ".join(flag for flag in flags if flag)
    return join([tag("p", text(said), cls="flag") if said else Markup(""), tag("div", *cards, cls="group")])


def _rights(found: Curated) -> Markup:
    parts: list[Markup] = [tag("h2", text("Licence and consent"))]
    reasons: dict[str, list[str]] = {}
    for one in found.refused:
        reasons.setdefault(one.reason, []).append(one.title)
    if reasons:
        rows = [
            [
                text(reason),
                text(f"{len(titles):,}"),
                text(", ".join(titles[:6]) + (" ..." if titles[6:] else "")),
            ]
            for reason, titles in reasons.items()
        ]
        parts.append(table("May not be trained on", ["why", "works", ""], rows, numeric=frozenset({1})))
    else:
        parts.append(tag("p", text("Every work has a licence and consent that allow training.")))
    if found.contradictions:
        parts += [
            tag("h3", text("What contradicts itself")),
            tag("ul", *(tag("li", text(line)) for line in found.contradictions[:40])),
        ]
    if found.reserved:
        rows = [
            [
                text(one.title),
                text(one.holds),
                text("; ".join(f"{s.standard}, {s.where}: {s.raw}" for s in one.statements)),
                text(one.consent),
            ]
            for one in found.reserved[:200]
        ]
        parts.append(
            table(
                "What files say of training in themselves; the strictest holds",
                ["work", "says", "where", "your consent"],
                rows,
            )
        )
    else:
        parts.append(
            tag(
                "p",
                text("No file says anything of training in itself. That is unknown, and no yes."),
                cls="soft",
            )
        )
    return tag("section", *parts)


def _picture(one: Preview) -> Markup:
    return tag("img", attrs={"src": one.uri, "alt": ""}) if one.picture else Markup("")
