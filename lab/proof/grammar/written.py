"""Write a value of a resource as a search parameter takes it, whole or cut, with one prefix or another.

Spec: https://hl7.org/fhir/R4/search.html#ptypes
"""

from random import Random
from typing import Any

from lab.proof.contents import CODES, FAMILIES, IDS, INS, LABELS
from lab.proof.world import BASE

_DATES = ("2026-01-12", "2026-02", "2026", "2026-03-11T12:30:00+01:00", "1970-05-15", "2026-05-01", "x")
PREFIXES = ("", "", "", "eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap")


def instant(chance: Random) -> str:
    """Return a time, mostly of those at which something is written before the client asks."""
    return chance.choice(
        [f"2026-05-01T{chance.randint(9, 23):02}:30:00Z", "2026-05-01", "2026-05-02T06:00:00Z"]
    )


def written(chance: Random, kind: str, node: Any, modifier: str) -> str:
    """Return a value to search for by a parameter of a kind, out of a node that has it, or of none."""
    match kind:
        case "token":
            return _token(chance, node, modifier)
        case "string":
            text = _text(chance, node)
            return text[: chance.choice([1, 3, 40])] if chance.random() < 0.4 else text
        case "date":
            text = node if isinstance(node, str) else (node or {}).get("start", chance.choice(_DATES))
            return chance.choice(PREFIXES) + chance.choice([text, text[:7], text[:10]])
        case "quantity" | "number":
            number = node.get("value", 5) if isinstance(node, dict) else chance.randint(0, 9)
            return f"{chance.choice(PREFIXES)}{number}{chance.choice(['', '', '||g/dL'])}"
        case "reference":
            return _reference(chance, node, modifier)
    return str(node) if isinstance(node, str) else "http://x"


def _token(chance: Random, node: Any, modifier: str) -> str:
    if isinstance(node, bool):
        return str(node).lower()
    if isinstance(node, str):
        return node
    coding = node or chance.choice(
        [{"code": c} for c in CODES] + [{"system": s, "code": c} for s, c in LABELS]
    )
    coding = chance.choice(coding["coding"]) if coding.get("coding") else coding
    system, code = coding.get("system", ""), coding.get("code", coding.get("value", "x"))
    if modifier == ":text":
        return str(coding.get("display", "lab"))
    both = f"{system}|{code}"
    return chance.choice([both, both, str(code), str(code), f"{system}|", f"|{code}"])


def _text(chance: Random, node: Any) -> str:
    if isinstance(node, dict):
        texts = [v for value in node.values() for v in (value if isinstance(value, list) else [value])]
        texts = [text for text in texts if isinstance(text, str)]
        return chance.choice(texts) if texts else "x"
    return node if isinstance(node, str) else chance.choice(FAMILIES)


def _reference(chance: Random, node: Any, modifier: str) -> str:
    if modifier == ":identifier":
        return f"{INS}|ins-{chance.randint(0, 9)}"
    type_ = chance.choice(["Patient", "Patient", "Encounter", "Practitioner", "Organization"])
    named = f"{type_}/{chance.choice(IDS[type_])}"
    literal = node.get("reference", named) if isinstance(node, dict) else named
    return chance.choice([literal, literal, literal.partition("/")[2], f"{BASE}/{literal}"])
