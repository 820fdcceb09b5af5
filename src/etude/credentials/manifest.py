"""From a statement to the C2PA manifest that will be public, and to the words in which a person reads it
beforehand.

Pure: the same statement gives the same manifest, and nothing is read from anywhere else but the version of
Etude. Every assertion is marked `created`, since unmarked ones are not attributed to the signer. Knows
nothing of keys and files. After C2PA 2.2 (actions; AI/ML guidance: model and data set as `inputTo`
ingredients) and CAWG Training and Data Mining 1.1. The resembled works are not ingredients: `inputTo` would
say that a work made the piece what it is, and resemblance is less.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from etude import __version__
from etude.config.trust import CREDENTIALS
from etude.credentials.statement import Statement, nearest, public_text

_IPTC = "http://cv.iptc.org/newscodes/digitalsourcetype/"
MADE = _IPTC + "trainedAlgorithmicMedia"
COMPOSITE = _IPTC + "compositeWithTrainedAlgorithmicMedia"
HUMAN_EDITS = _IPTC + "humanEdits"
GENERATOR = "Etude"
_WEIGHTS, _MODEL = "application/octet-stream", "c2pa.types.model.pytorch"
_USES = ("cawg.ai_generative_training", "cawg.ai_training", "cawg.ai_inference", "cawg.data_mining")
_USE_WORDS = {
    "allowed": "allowed",
    "notAllowed": "not allowed",
    "constrained": "only on conditions; ask the maker",
}


@dataclass(frozen=True)
class Preview:
    """What will be public: `text` for a person, `manifest` as it will be signed."""

    text: str
    manifest: dict[str, Any]

    @property
    def json(self) -> str:
        """The manifest as readable JSON."""
        return json.dumps(self.manifest, indent=2, ensure_ascii=False)


def source_type(statement: Statement) -> str:
    """The IPTC digital source type of the whole piece."""
    return COMPOSITE if statement.edited or statement.given else MADE


def build_manifest(statement: Statement, mime: str = "", *, continues: bool = False) -> dict[str, Any]:
    """The manifest definition for c2pa. `continues`: the file has a credential already, which stays as its
    history."""
    agent = {"name": GENERATOR, "version": __version__}
    ingredients = _ingredients(statement)
    assertions: list[tuple[str, dict[str, Any]]] = []
    assertions.append(
        (
            "c2pa.actions",
            {"actions": _actions(statement, agent, [i["label"] for i in ingredients], continues)},
        )
    )
    assertions.append(
        ("cawg.training-mining", {"entries": {use: {"use": statement.training_use} for use in _USES}})
    )
    assertions += [(label, data) for label, data in _own(statement).items() if data]
    definition: dict[str, Any] = {
        "title": public_text(statement.title),
        "claim_generator_info": [agent],
        "ingredients": ingredients,
        "assertions": [{"label": label, "created": True, "data": data} for label, data in assertions],
    }
    return definition | ({"format": mime} if mime else {})


def own_assertions(definition: dict[str, Any]) -> dict[str, Any]:
    """The assertions that say what the person previewed (label -> data), without those that c2pa rewrites or
    adds."""
    return {
        a["label"]: a["data"] for a in definition["assertions"] if a["label"].startswith(("etude.", "cawg."))
    }


def preview(statement: Statement, *, signer: str = "", fingerprint: str = "") -> Preview:
    """Exactly what a credential with this statement makes public; the same values that `sign` uses."""
    definition = build_manifest(statement)
    own = own_assertions(definition)
    lines = [f"Title           {definition['title'] or '(none)'}"]
    lines += [f"Maker           {own['etude.piece']['maker']}"] if "maker" in own["etude.piece"] else []
    key = (
        f", fingerprint {fingerprint}"
        if fingerprint
        else ", with a key that is made when you sign"
        if signer
        else ""
    )
    lines.append(f"Signed by       {public_text(signer) or '(your signer)'}{key}")
    kind = "made with a model" + (" from material that a person gave" if statement.given else "")
    kind += " and edited by a person" if statement.edited else ""
    lines.append(f"Kind            {kind} (IPTC {source_type(statement).removeprefix(_IPTC)})")
    origin = own.get("etude.origin", {})
    for key, word in (("model", "Model           "), ("collection", "Collection      ")):
        if key in origin:
            lines.append(
                word
                + " ".join(filter(None, (origin[key].get("name"), _short(origin[key].get("sha256", "")))))
            )
    for one in origin.get("began_from", ()):
        terms = ". ".join(
            text.rstrip(".") for text in (one.get("licence", ""), one.get("credit", "")) if text
        )
        lines.append(
            "Began from      "
            + " ".join(filter(None, (one.get("name"), _short(one.get("sha256", "")), terms)))
        )
    if "chosen_by" in origin:
        lines.append(f"Chosen by       {origin['chosen_by']}, among drafts of the model")
    lines += _trace_lines(own.get("etude.trace", {}))
    lines += [
        f"{'Owes' if not i else '':<16}{100 * w['share']:.1f} % to {w['title']}, "
        f"{w['maker'] or 'maker unknown'}"
        for i, w in enumerate(own.get("etude.shares", {}).get("works", ()))
    ]
    if statement.unnamed and statement.share_resembled:
        lines.append(f"Not named       {_unnamed(statement.unnamed)}; to name them: --all-works")
    lines += _consent_lines(own.get("etude.consent", {}))
    lines += [f"Given           {_given_words(own['etude.given'])}"] if "etude.given" in own else []
    lines.append(f"Your share      {_share_words(statement, own.get('etude.contribution', {}))}")
    lines.append(f"Training on it  {_USE_WORDS[statement.training_use]}")
    lines.append(
        f"Times           made {statement.made_at or 'not stated'}; signed at the moment of signing, by this "
        "machine's clock"
    )
    lines.append(
        "Added           a hash of the file, a random identifier, your certificate, the version of the C2PA "
        "library"
    )
    lines.append("Stays private   prompts, notes, other takes, file paths, the works themselves")
    return Preview("\n".join(lines), definition)


def _actions(
    statement: Statement, agent: dict[str, str], inputs: list[str], continues: bool
) -> list[dict[str, Any]]:
    parameters = {"parameters": {"ingredientIds": inputs}} if inputs else {}
    made: dict[str, Any] = {
        "action": "c2pa.created",
        "softwareAgent": agent,
        "digitalSourceType": MADE,
    } | parameters
    if statement.given is not None:
        made |= {"digitalSourceType": COMPOSITE, "description": "made by a model from given material"}
    if statement.made_at:
        made["when"] = statement.made_at
    edited: dict[str, Any] = {
        "action": "c2pa.edited",
        "digitalSourceType": HUMAN_EDITS,
        "description": "edited by the person who signs",
    }
    if statement.edited_at:
        edited["when"] = statement.edited_at
    # A file with a history was created once already: c2pa puts `opened` first, and a second `created` would
    # be malformed.
    if continues:
        return [edited | parameters] if statement.edited else []
    return [made, edited] if statement.edited else [made]


def _ingredients(statement: Statement) -> list[dict[str, Any]]:
    return [
        {
            "label": label,
            "title": public_text(name) or label,
            "format": mime,
            "relationship": "inputTo",
            "instance_id": f"sha256:{sha256}",
            "data_types": [{"type": data_type}],
        }
        for label, name, sha256, mime, data_type in (
            ("model", statement.model_name, statement.model_sha256, _WEIGHTS, _MODEL),
            *(
                (f"start{i or ''}", one.name, one.sha256, _WEIGHTS, _MODEL)
                for i, one in enumerate(statement.began)
            ),
            (
                "collection",
                statement.collection_name,
                statement.collection_sha256,
                "application/json",
                "c2pa.types.dataset",
            ),
        )
        if sha256
    ]


def _own(statement: Statement) -> dict[str, dict[str, Any]]:
    """Etude's own assertions; an empty one is left out."""
    piece = {
        "version": 1,
        "title": public_text(statement.title),
        "maker": public_text(statement.maker),
        "medium": public_text(statement.medium),
        "source_type": source_type(statement),
        "signed_at": statement.signed_at,
    }
    origin = {
        "model": _named(statement.model_name, statement.model_sha256),
        "collection": _named(statement.collection_name, statement.collection_sha256),
        "began_from": [
            _named(one.name, one.sha256)
            | {
                key: public_text(text)
                for key, text in (("licence", one.licence), ("credit", one.credit))
                if text
            }
            for one in statement.began
        ],
        "chosen_by": public_text(statement.chosen_by),
    }
    trace: dict[str, Any] = {}
    if statement.borrowed is not None:
        b = statement.borrowed
        trace["borrowed"] = {
            "memory_share": round(b.share, 4),
            "longest": b.longest,
            "unit": b.unit,
            "works": b.works,
        }
    if statement.share_resembled and statement.resembled:
        trace["resembles"] = [
            {
                "title": public_text(w.title),
                "maker": public_text(w.maker),
                "similarity": round(w.similarity, 4),
            }
            | ({} if w.p is None else {"p": round(w.p, 4)})
            for w in nearest(statement.resembled)
        ]
    consent: dict[str, Any] = {}
    if statement.consent:
        consent["works"] = [
            {"licence": public_text(c.licence), "consent": public_text(c.consent), "works": c.works}
            | ({"use": public_text(c.use)} if c.use else {})
            for c in statement.consent
        ]
        consent["total"] = sum(c.works for c in statement.consent)
    contribution: dict[str, Any] = {}
    if statement.share_contribution and statement.contribution is not None:
        d = statement.contribution
        contribution = {"accepted": True, "chosen_from": d.chosen_from}
        if d.unit:
            contribution |= {
                "kept": d.kept,
                "added": d.added,
                "removed": d.removed,
                "unit": public_text(d.unit),
            }
    given: dict[str, Any] = {}
    if statement.given is not None:
        g = statement.given
        given = {"what": public_text(g.what), "by": public_text(g.by)}
        if statement.share_contribution and g.unit:
            given |= {"kept": g.kept, "total": g.total, "unit": public_text(g.unit)}
    shares = [
        {"title": public_text(w.title), "maker": public_text(w.maker), "share": round(w.share, 4)}
        for w in sorted(statement.owed, key=lambda one: (-one.share, one.title))[: CREDENTIALS.max_resembled]
    ]
    return {
        "etude.piece": {key: value for key, value in piece.items() if value},
        "etude.origin": {key: value for key, value in origin.items() if value},
        "etude.trace": trace,
        "etude.shares": {"of": "tokens drawn", "works": shares} if shares else {},
        "etude.consent": consent,
        "etude.given": given,
        "etude.contribution": contribution,
    }


def _named(name: str, sha256: str) -> dict[str, str]:
    return {key: value for key, value in (("name", public_text(name)), ("sha256", sha256)) if value}


def _short(sha256: str) -> str:
    return f"(SHA-256 {sha256[:12]}…)" if sha256 else ""


def _given_words(given: dict[str, Any]) -> str:
    what = {
        "beginning": "its beginning",
        "text around a gap": "the text around the filled gap",
        "voices": "some of its voices",
    }
    what |= {
        "picture": "the starting picture",
        "picture around a region": "the picture around the redrawn region",
    }
    what |= {"pictures to mix": "the pictures that were mixed"}
    by = {"person": "by you", "work of the project": "from a work of the project"}
    amount = (
        f": {given['kept']} of the {given['total']} {given['unit']} of the take" if "unit" in given else ""
    )
    return (
        f"{what.get(given['what'], 'the bars around it')}, "
        f"{by.get(given['by'], 'in an earlier take')}{amount}"
    )


def _share_words(statement: Statement, shared: dict[str, Any]) -> str:
    if not shared:
        did = " and ".join(
            (["given in part"] if statement.given else []) + (["edited"] if statement.edited else [])
        )
        return f"{did}; how much stays private" if did else "not stated"
    takes = shared["chosen_from"]
    chose = f"chose 1 of {takes} takes" if takes > 1 else "kept the one take that was made"
    if not statement.edited:
        return f"{chose}, and did not change it"
    if "unit" not in shared:
        return f"{chose}, and changed it (not counted)"
    kept, added, removed, unit = (shared[key] for key in ("kept", "added", "removed", "unit"))
    return f"{chose}; kept {kept} of its {kept + removed} {unit}, wrote {added}"


def _trace_lines(trace: dict[str, Any]) -> list[str]:
    lines = []
    if "borrowed" in trace:
        b = trace["borrowed"]
        lines.append(
            f"Borrowed        {100 * b['memory_share']:.1f} % from the memory, out of {b['works']} works; "
            f"longest verbatim span {b['longest']} {b['unit']}"
        )
    for i, w in enumerate(trace.get("resembles", ())):
        p = f", p = {w['p']:.3f}" if "p" in w else ""
        lines.append(
            f"{'Resembles' if i == 0 else '':<16}{w['title']}, {w['maker'] or 'maker unknown'} (similarity "
            f"{w['similarity']:.2f}{p})"
        )
    return lines


def _unnamed(works: int) -> str:
    """What stays out of a credential."""
    some = "the work that it is nearest to" if works == 1 else f"the {works} works that it is nearest to"
    return f"{some}, since it is not flagged as resembling any"


def _consent_lines(consent: dict[str, Any]) -> list[str]:
    return [
        f"{'Trained on' if i == 0 else '':<16}{w['works']} works, licence {w['licence']}, consent "
        f"{w['consent']}" + (f"; {w['use']}" if w.get("use") else "")
        for i, w in enumerate(consent.get("works", ()))
    ]
