"""The little of style sheets that changes what a reader sees as text: what is hidden, what is a block, what
stands apart.

Selectors of tags, classes and ids with the blank and `>` between them, their specificity and `!important`
(CSS 2.1, 5 and 6.4); a dozen properties. Rules that say more are passed over, and so are those for special
devices. Nothing is ever fetched. Knows no page: it answers for an element what its sheets declare.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from lxml import etree

_MAX_SHEET, _MAX_RULES = 2_000_000, 20_000  # characters, rules: a book has some 20 kB and 300 rules
_MAX_RULES_OF_ONE = 200  # of one class, id or tag
_MAX_ABOVE = 60  # ancestors that a selector looks through
_MAX_NESTED = 4  # rules in rules
_WANTED = re.compile(
    r"^(?:display|visibility|float|white-space|text-indent|vertical-align|position|top|quotes|"
    r"(?:min-)?height|"
    r"(?:margin|padding)(?:-top|-bottom|-block(?:-start|-end)?)?)$"
)
_NO_CONTENT = re.compile(r"content\s*:\s*(?:none|normal|\"\"|'')", re.I)
_BRACE = re.compile("[{}]")
_COMPOUND = re.compile(r"(?P<tag>[a-z][\w-]*|\*)?(?P<more>(?:[.#][\w-]+)*)", re.I)
_LENGTH = re.compile(r"([-+]?\d*\.?\d+)\s*([a-z%]*)", re.I)
_EM = {
    "em": 1, "rem": 1, "lh": 1, "ex": 0.5, "ch": 0.5, "px": 1 / 16, "pt": 1 / 12, "pc": 1, "in": 6,
    "cm": 2.4, "mm": 0.24, "%": 0.4, "vh": 0.4,
}  # fmt: skip


@dataclass(frozen=True)
class _Compound:
    """One link of a selector: what an element must be, and whether the link before it is its parent (else any
    ancestor).
    """

    tag: str
    classes: frozenset[str]
    id: str
    child: bool

    def fits(self, element: etree._Element) -> bool:
        if not isinstance(element.tag, str) or (self.tag and self.tag != local_name(element)):
            return False
        if self.id and self.id != element.get("id"):
            return False
        return not self.classes or self.classes <= set(str(element.get("class", "")).split())


@dataclass(frozen=True)
class _Rule:
    chain: tuple[_Compound, ...]
    rank: tuple[int, int, int, int]  # ids, classes, tags, order
    declared: Mapping[str, tuple[str, bool]]  # property -> value, important


class Sheets:
    """Style sheets that hold for a page, in their order."""

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self._rules: dict[str, list[_Rule]] = defaultdict(list)  # by what the last link asks for
        self._same: dict[tuple[_Compound, ...], dict[str, tuple[str, bool]]] = {}
        self._n = 0
        for text in texts:
            for prelude, body in _blocks(
                re.sub(r"/\*.*?(?:\*/|\Z)|<!--|-->", " ", text[:_MAX_SHEET], flags=re.S)
            ):
                self._add(prelude, body)

    def __bool__(self) -> bool:
        return bool(self._rules)

    def declared(self, element: etree._Element) -> dict[str, str]:
        """The properties that the sheets and the element's own `style` declare for it."""
        found: dict[str, tuple[tuple[bool, tuple[int, int, int, int]], str]] = {}
        for rule in self._candidates(element):
            if _fits(rule.chain, element):
                for name, (value, important) in rule.declared.items():
                    weight = (important, rule.rank)
                    if name not in found or weight >= found[name][0]:
                        found[name] = weight, value
        for name, (value, important) in _declarations(str(element.get("style") or "")).items():
            weight = (important, (1_000_000, 0, 0, 0))
            if name not in found or weight >= found[name][0]:
                found[name] = weight, value
        return {name: value for name, (_, value) in found.items()}

    def _candidates(self, element: etree._Element) -> Iterator[_Rule]:
        if not self._rules:
            return
        keys = [f".{name}" for name in str(element.get("class", "")).split()[:20]]
        if element.get("id"):
            keys.append(f"#{element.get('id')}")
        for key in (*keys, local_name(element), "*"):
            yield from self._rules.get(key, ())

    def _add(self, prelude: str, body: str) -> None:
        declared = _declarations(body)
        bare = _NO_CONTENT.search(body) is not None
        if not declared and not bare:
            return
        for selector in prelude.split(","):
            selector = selector.strip()
            if bare and (before := re.sub(r"::?before$", "", selector)) != selector:
                # A `q` whose opening mark is taken away: the words bring their own.
                selector, declared = before, {"quotes": ("none", False)}
            chain = _chain(selector) if declared else ()
            if chain and self._n < _MAX_RULES:
                self._n += 1
                rank = (
                    sum(bool(link.id) for link in chain),
                    sum(len(link.classes) for link in chain),
                    sum(bool(link.tag) for link in chain),
                    self._n,
                )
                last = chain[-1]
                key = (
                    f"#{last.id}" if last.id else f".{min(last.classes)}" if last.classes else last.tag or "*"
                )
                same = self._same.get(chain)
                if same is not None:
                    same.update(declared)  # the later of two rules with one selector holds
                elif len(self._rules[key]) < _MAX_RULES_OF_ONE:
                    self._same[chain] = dict(declared)
                    self._rules[key].append(_Rule(chain, rank, self._same[chain]))


def local_name(element: etree._Element) -> str:
    """The tag without its namespace, in small letters; '' for what is no element."""
    tag = element.tag
    return _local(tag) if isinstance(tag, str) else ""


@lru_cache(maxsize=4096)
def _local(tag: str) -> str:
    return tag.rsplit("}", 1)[-1].lower()


def ems(value: str) -> float:
    """A length in em, about; 0 for words (`auto`)."""
    found = _LENGTH.fullmatch(value.strip())
    return float(found[1]) * _EM.get(found[2].lower(), 0.0) if found else 0.0


def side(declared: Mapping[str, str], which: str, default: float) -> float:
    """The margin and padding of an element at its `which` ("top", "bottom"), in em; `default` where no margin
    is declared.
    """
    total = 0.0
    for name in ("margin", "padding"):
        logical = {"top": "start", "bottom": "end"}[which]
        value = declared.get(f"{name}-{which}") or declared.get(f"{name}-block-{logical}") or ""
        if not value and (both := declared.get(f"{name}-block")):
            value = both.split()[0 if which == "top" else -1]
        if not value and (four := declared.get(name, "").split()):
            value = four[0] if which == "top" or len(four) < 3 else four[2]
        total += ems(value) if value else default if name == "margin" else 0.0
    return total


def _blocks(css: str, depth: int = 0) -> Iterator[tuple[str, str]]:
    """(selectors, declarations) of every rule that holds everywhere."""
    at = 0
    while (start := css.find("{", at)) >= 0:
        prelude = css[at:start].rpartition(";")[2].strip().lstrip("}").strip()
        nested, end = 1, start + 1
        while nested and (found := _BRACE.search(css, end)):
            nested += 1 if found[0] == "{" else -1
            end = found.end()
        body = css[start + 1 : end - 1] if not nested else css[start + 1 :]
        if not prelude.startswith("@"):
            yield prelude, body
        elif re.fullmatch(r"@media\s+all|@layer\b.*|@supports\b.*", prelude, re.I | re.S):
            if depth < _MAX_NESTED:
                yield from _blocks(body, depth + 1)
        at = end if not nested else len(css)


def _declarations(text: str) -> dict[str, tuple[str, bool]]:
    found: dict[str, tuple[str, bool]] = {}
    for declaration in text[:10_000].split(";"):
        name, _, value = declaration.partition(":")
        name = name.strip().lower()
        if _WANTED.match(name):
            value, important, _ = value.lower().partition("!")
            if name not in found or important or not found[name][1]:
                for longer in [known for known in found if known.startswith(name + "-")]:
                    del found[longer]  # `margin: 0` after `margin-top: 1em`
                found[name] = value.strip(), bool(important)
    return found


def _chain(selector: str) -> tuple[_Compound, ...]:
    """A selector link by link; () for those with more in them than is understood."""
    links: list[_Compound] = []
    child = False
    for word in selector.replace(">", " > ").split()[:12]:
        if word == ">":
            child = True
            continue
        found = _COMPOUND.fullmatch(word)
        if not found:
            return ()
        names = re.findall(r"([.#])([\w-]+)", found["more"])
        links.append(
            _Compound(
                (found["tag"] or "").lower().replace("*", ""),
                frozenset(name for kind, name in names if kind == "."),
                next((name for kind, name in names if kind == "#"), ""),
                child,
            )
        )
        child = False
    return tuple(links)


def _fits(chain: tuple[_Compound, ...], element: etree._Element) -> bool:
    if not chain[-1].fits(element):
        return False
    at, link = element, len(chain) - 1
    while link > 0:
        above = islice(at.iterancestors(), 1 if chain[link].child else _MAX_ABOVE)
        found = next((parent for parent in above if chain[link - 1].fits(parent)), None)
        if found is None:
            return False
        at, link = found, link - 1
    return True
