"""The elements of HTML as tables: what is never shown, what is a paragraph, what is a line."""

from __future__ import annotations

# Never text: code, controls, what stands in for pictures and sound, what only some programs show.
_NEVER = {
    "script",
    "style",
    "head",
    "title",
    "template",
    "noscript",
    "noframes",
    "iframe",
    "object",
    "embed",
    "applet",
    "audio",
    "video",
    "canvas",
    "select",
    "textarea",
    "input",
    "button",
    "datalist",
    "progress",
    "meter",
    "map",
    "area",
    "param",
    "source",
    "track",
    "colgroup",
    "col",
    "desc",
    "metadata",
    "defs",
    "symbol",
    "annotation",
    "annotation-xml",
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
    "linegroup",
    "poem",
    "stanza",
    "subtitle",
    "epigraph",
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
    "caption",
    "address",
    "center",
    "details",
    "summary",
    "fieldset",
    "legend",
    "form",
    "nav",
    "line",
    "v",
    "text",
    "menu",
    "dir",
    "hgroup",
    "search",
    "optgroup",
}


_ASKED = {"nav", "rt", "rtc", "sup", "a"}  # go or stay by what they are, whatever they say of themselves


_BLOCK_DISPLAY = ("block", "list-item", "flex", "grid", "table", "table-row", "flow-root")


_GAP = 0.25  # em: less is no space that a reader sees between lines
