"""A muse behind an address: any endpoint that speaks OpenAI's form of chat (llama.cpp's server, Ollama,
vLLM, or a hosted one). Off unless a person names the address.

What is sent is the letter, whole, and nothing else of the project. A key comes from the environment and
goes into the header of that one request; it is written nowhere. An answer is limited in time and size,
and read as text: HTML, prose without the form, floods and silence are each said in a sentence. No
redirection is followed."""

from __future__ import annotations

import http.client
import json
import os
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from etude.config.story import STORY
from etude.errors import ModelError, clean
from etude.story.muse.contract import Asked, Question, filled, objects

KEY = "ETUDE_MUSE_KEY"  # the environment variable that holds a key
_HERE = ("localhost", "127.0.0.1", "::1")


class EndpointMuse:
    """An endpoint that is asked. Raises ModelError for what is no address."""

    def __init__(self, url: str, model: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.password:
            raise ModelError(
                f"'{clean(url, 80)}' is no address of an endpoint.",
                "Give one such as http://127.0.0.1:11434/v1; a key belongs into the environment: " + KEY,
            )
        self.here = parts.hostname in _HERE
        if parts.scheme == "http" and not self.here:
            raise ModelError(
                f"{parts.hostname} would be asked without encryption.",
                "Give an address that begins with https://",
            )
        self._parts, self._model = parts, model
        self.host = parts.netloc
        self.name = f"{model or 'its model'} at {parts.netloc}"

    @property
    def leaves(self) -> str:
        """What leaves the machine."""
        if self.here:
            return (
                f"The letter goes to a server on this machine ({self.host}); what that does with it"
                f" is its own."
            )
        return f"The letter below, whole, goes to {self.host}; nothing else of the project does."

    def letter(self, question: Question) -> str:
        """The question with its form."""
        fields = ", ".join(f'"{one.name}": {one.what}' for one in question.form)
        return (
            f"{question.about}\n\n{question.ask}\nAnswer with one JSON object and nothing else: "
            f'{{"answers": [{{{fields}}}, ...]}} with {question.n} entries that differ.'
        ).strip()

    def ask(self, question: Question, until: float) -> Asked:
        """One request. Raises ModelError in one sentence for what is no answer at all."""
        began = time.monotonic()
        schema = _schema(question)
        asked = {
            "model": self._model,
            "messages": [{"role": "user", "content": self.letter(question)}],
            "max_tokens": question.tokens * question.n * len(question.form) + 200,
            "temperature": question.temperature,
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": "answers", "schema": schema, "strict": True},
            },
        }
        said = self._said(self._post(asked, min(until, began + STORY.endpoint_s)))
        text, model = _text(said), clean(str(said.get("model") or ""), 80)
        kept, bad = [], []
        for one in objects(text)[: 2 * question.n]:
            answer = filled(one, question.form)
            if isinstance(answer, Mapping):
                kept.append(answer)
            else:
                bad.append(answer)
        if not kept:
            bad.append("the answer holds no JSON object of the form that was asked for")
        usage = said.get("usage")
        tokens = usage.get("total_tokens") if isinstance(usage, dict) else None
        if self._model and model and model != self._model and not model.startswith(self._model):
            bad.append(f"it was answered by another model, '{model}'")
        return Asked(
            tuple(kept[: question.n]),
            tuple(bad),
            tokens if isinstance(tokens, int) else len(text) // 4,
            time.monotonic() - began,
            model or self._model,
        )

    def _post(self, asked: Mapping[str, Any], until: float) -> bytes:
        """The bytes of the answer."""
        place = self._parts.path.rstrip("/") or "/v1"
        headers = {"Content-Type": "application/json", "Accept": "application/json", "User-Agent": "etude"}
        if key := os.environ.get(KEY, ""):
            headers["Authorization"] = f"Bearer {key}"
        port, left = self._parts.port, max(0.1, until - time.monotonic())
        kind = http.client.HTTPSConnection if self._parts.scheme == "https" else http.client.HTTPConnection
        line = kind(str(self._parts.hostname), port, timeout=left)
        try:
            line.request("POST", f"{place}/chat/completions", json.dumps(asked).encode(), headers)
            answer = line.getresponse()
            if answer.status != 200:
                raise ModelError(
                    f"{self.host} answered with status {answer.status} ({clean(answer.reason, 60)}).",
                    "Check the address, the model's name"
                    + (" and the key." if answer.status in (401, 403) else "."),
                )
            data = b""
            while piece := answer.read1(65536):
                data += piece
                if len(data) > STORY.endpoint_bytes:
                    raise ModelError(
                        f"{self.host} sent more than {STORY.endpoint_bytes // 1000} kB and was cut off.",
                        "Ask another model.",
                    )
                if time.monotonic() > until:
                    raise TimeoutError
            return data
        except TimeoutError:
            raise ModelError(
                f"{self.host} gave no answer within {left:.0f} s.",
                "Try a smaller model, or allow more: --seconds",
            ) from None
        except (OSError, http.client.HTTPException) as error:
            raise ModelError(
                f"{self.host} cannot be asked: {clean(str(error), 120) or type(error).__name__}.",
                "Is the server running, and is the address right?",
            ) from None
        finally:
            line.close()

    def _said(self, data: bytes) -> Mapping[str, Any]:
        try:
            said = json.loads(data)
        except (ValueError, RecursionError):
            what = "HTML" if data.lstrip()[:1] == b"<" else "no JSON"
            raise ModelError(
                f"{self.host} answered with {what}, and not as an endpoint for chat does.",
                "The address usually ends in /v1.",
            ) from None
        if not isinstance(said, Mapping):
            raise ModelError(f"{self.host} answered with no object.", "The address usually ends in /v1.")
        return said


def _text(said: Mapping[str, Any]) -> str:
    """What the model wrote; empty where it is not where it belongs."""
    choices = said.get("choices")
    first = choices[0] if isinstance(choices, list) and choices else None
    message = first.get("message") if isinstance(first, Mapping) else None
    text = message.get("content") if isinstance(message, Mapping) else None
    return text if isinstance(text, str) else ""


def _schema(question: Question) -> dict[str, Any]:
    entry = {
        "type": "object",
        "properties": {one.name: {"type": "string", "maxLength": one.most} for one in question.form},
        "required": [one.name for one in question.form],
        "additionalProperties": False,
    }
    return {
        "type": "object",
        "properties": {
            "answers": {"type": "array", "items": entry, "minItems": question.n, "maxItems": question.n}
        },
        "required": ["answers"],
        "additionalProperties": False,
    }
