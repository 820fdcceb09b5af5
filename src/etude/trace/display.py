"""Traces that show themselves in a notebook: the page of a trace in a frame of its own, in which its script
runs and can reach nothing else. Knows neither kind of trace; whoever makes one says how its page is made."""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import Any, Self


class Displayed:
    """Something with a `summary` in words, and perhaps a page."""

    summary: str

    def shown_by(self, page: Callable[[], bytes]) -> Self:
        """The same, which shows itself by this page. The page is made when it is looked at."""
        object.__setattr__(self, "_page", page)  # no field: it is neither stored nor compared
        return self

    def _repr_html_(self) -> str | None:
        page: Callable[[], bytes] | None = getattr(self, "_page", None)
        if page is None:
            return None
        inside = html.escape(page().decode(), quote=True)
        title = html.escape(self.summary.splitlines()[0] if self.summary else "A trace", quote=True)
        style = "width:100%;height:36rem;border:1px solid #8886;border-radius:6px"
        return f'<iframe sandbox="allow-scripts" title="{title}" style="{style}" srcdoc="{inside}"></iframe>'

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        shown = {"text/plain": self.summary, "text/html": self._repr_html_()}
        return {kind: value for kind, value in shown.items() if value is not None}
