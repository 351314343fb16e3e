"""Whether one element of a resource matches one value of a search, by type of parameter.

Spec: https://hl7.org/fhir/R4/search.html#ptypes
"""

import math
import re
import unicodedata
from decimal import Decimal
from typing import Any

from lab.proof.reference.search.fhirpath import Node
from lab.proof.reference.search.times import FOREVER, Interval, interval

PREFIXES = ("eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap")
BASE = "http://hospital.test/fhir"


class RefusedError(Exception):
    """A search that the specification has refused."""


def split(text: str, separator: str) -> list[str]:
    """Split where no backslash stands before; a backslash escapes the next character."""
    parts, rest = [""], list(text)
    while rest:
        character = rest.pop(0)
        if character == separator:
            parts.append("")
        elif character == "\\" and rest:
            parts[-1] += character + rest.pop(0)
        else:
            parts[-1] += character
    return parts


def plain(text: str) -> str:
    """Take the escapes away."""
    return re.sub(r"\\([\\,|$])", r"\1", text)


def bare(text: str) -> str:
    """Return the letters and digits of a text, without accents and case, one space between words."""
    out = ""
    for character in unicodedata.normalize("NFD", text.replace("œ", "oe").replace("Œ", "oe")):
        if character in "æÆ":
            out += "ae"
        elif unicodedata.combining(character) or character == "\u00ad":
            continue
        elif character.isalnum() or character in "<>+=":
            out += character.casefold()
        else:
            out += " "
    return " ".join("".join(c for c in out if not unicodedata.combining(c)).split())


def token(node: Node, value: str, implicit: str) -> bool:
    """Match ``code``, ``system|code``, ``|code`` or ``system|``."""
    parts = [plain(part) for part in split(value, "|")]
    if len(parts) > 2 or not any(parts):
        raise RefusedError
    return any(_is_token(parts, system, code) for system, code in _tokens(node, implicit))


def _is_token(parts: list[str], system: str | None, code: str | None) -> bool:
    if len(parts) == 1:
        return code == parts[0]
    if not parts[1]:
        return system == parts[0]
    return code == parts[1] and (system or "") == parts[0]


def _tokens(node: Node, implicit: str) -> list[tuple[str | None, str | None]]:
    value = node.value
    if value is True or value is False:
        return [(None, str(value).lower())]
    if isinstance(value, str):
        return [(implicit or None, value)]
    if node.type in {"Quantity", "Range", "Reference", "Age"}:
        return []
    if "coding" in value:
        return [(c.get("system"), c.get("code")) for c in value["coding"]]
    return [(value.get("system"), value.get("code", value.get("value")))]


def texts(node: Node) -> list[str]:
    """Return what ``:text`` searches."""
    value = node.value
    if not isinstance(value, dict):
        return []
    found = [value.get("text"), value.get("display"), value.get("type", {}).get("text")]
    found += [coding.get("display") for coding in value.get("coding", [])]
    return [text for text in found if text]


def string(node: Node, value: str, modifier: str | None) -> bool:
    """Match the beginning, all or any part of a text."""
    asked = plain(value)
    parts = [node.value] if isinstance(node.value, str) else _parts(node.value)
    if modifier == "exact":
        return asked in parts
    if not bare(asked):
        raise RefusedError
    if modifier == "contains":
        return any(bare(asked) in bare(part) for part in parts)
    return any(bare(part).startswith(bare(asked)) for part in parts)


def _parts(value: dict[str, Any]) -> list[str]:
    left = {"use", "period", "type", "id"}
    listed = [v if isinstance(v, list) else [v] for k, v in value.items() if k not in left and k[0] != "_"]
    return [text for texts_ in listed for text in texts_ if isinstance(text, str)]


def prefix(value: str) -> tuple[str, str]:
    """Separate the prefix."""
    return (value[:2], value[2:]) if value[:2] in PREFIXES else ("eq", value)


def date(node: Node, value: str, now: int) -> bool:
    """Compare two intervals."""
    sign, text = prefix(value)
    try:
        low, high = interval(plain(text))
    except ValueError:
        raise RefusedError from None
    found = dates(node)
    if found is None:
        return False
    start, end = found
    contains = low <= start and end <= high
    margin = abs(now - low) // 10
    return {
        "eq": contains,
        "ne": not contains,
        "gt": end > high,
        "lt": start < low,
        "ge": end > high or contains,
        "le": start < low or contains,
        "sa": start >= high,
        "eb": end <= low,
        "ap": start < high + margin and end > low - margin,
    }[sign]


def dates(node: Node) -> Interval | None:
    """Return the interval of a date, Period or Timing."""
    value = node.value
    try:
        if isinstance(value, str):
            return interval(value)
        if "start" in value or "end" in value:
            low = interval(value["start"])[0] if "start" in value else -FOREVER
            high = interval(value["end"])[1] if "end" in value else FOREVER
            return (low, high) if low < high else None
    except ValueError:
        return None
    parts = [*value.get("event", []), value.get("repeat", {}).get("boundsPeriod", {})]
    found = [read for part in parts if part and (read := dates(Node("", part)))]
    return (min(low for low, _ in found), max(high for _, high in found)) if found else None


def quantity(node: Node, value: str) -> bool:
    """Compare a number and its unit."""
    number, *unit = (plain(part) for part in split(value, "|"))
    if len(unit) not in {0, 2} or (unit and not unit[1]):
        raise RefusedError
    sign, text = prefix(number)
    if not re.fullmatch(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?", text):
        raise RefusedError
    asked = Decimal(text)
    half = Decimal(5).scaleb(int(asked.as_tuple().exponent) - 1)
    found = _quantities(node)
    if found is None:
        return False
    (low, low_in), (high, high_in), described = found
    if unit and not _has_unit(described, unit[0], unit[1]):
        return False
    contains = bool(asked - half <= low and high < asked + half)
    margin = abs(asked) / 10
    held: dict[str, bool] = {
        "eq": contains,
        "ne": not contains,
        "gt": high > asked,
        "lt": low < asked,
        "ge": high > asked or (high == asked and high_in),
        "le": low < asked or (low == asked and low_in),
        "sa": low > asked or (low == asked and not low_in),
        "eb": high < asked or (high == asked and not high_in),
        "ap": (low < asked + margin or (low == asked + margin and low_in))
        and (high > asked - margin or (high == asked - margin and high_in)),
    }
    return held[sign]


def _has_unit(described: dict[str, Any], system: str, code: str) -> bool:
    if "currency" in described:
        return described["currency"] == code and system in {"", "urn:iso:std:iso:4217"}
    if system:
        return (described.get("system"), described.get("code")) == (system, code)
    return code in {described.get("code"), described.get("unit")}


def _quantities(node: Node) -> Any:
    """Return both ends, each with whether it belongs, and what tells the unit."""
    value: Any = {"value": node.value} if isinstance(node.value, int | float) else node.value
    endless = Decimal(math.inf)
    if "origin" in value:
        samples = [Decimal(text) for text in value["data"].split() if text not in {"E", "L", "U"}]
        scaled = [
            s * Decimal(str(value.get("factor", 1))) + Decimal(str(value["origin"]["value"])) for s in samples
        ]
        return ((min(scaled), True), (max(scaled), True), value["origin"]) if scaled else None
    if "value" in value:
        number = Decimal(str(value["value"]))
        sign = value.get("comparator", "")
        low = (-endless, False) if "<" in sign else (number, sign != ">")
        high = (endless, False) if ">" in sign else (number, sign != "<")
        return low, high, value
    ends = [value.get(name) for name in ("low", "high")]
    if ends == [None, None]:
        return None
    first, last = ((Decimal(str(e["value"])), True) if e else None for e in ends)
    low, high = first or (-endless, False), last or (endless, False)
    return (low, high, ends[0] or ends[1]) if low[0] <= high[0] else None


def uri(node: Node, value: str, modifier: str | None) -> bool:
    """Compare the characters."""
    asked = plain(value)
    if modifier is None:
        return bool(node.value == asked)
    if asked.startswith("urn:"):
        raise RefusedError
    if modifier == "below":
        return bool(node.value.startswith(asked))
    return asked.startswith(str(node.value))


def local(literal: str) -> tuple[str, str] | None:
    """Return type and id of a reference to this server."""
    relative = literal.removeprefix(f"{BASE}/").split("/_history/")[0]
    parts = relative.split("/")
    named = len(parts) == 2 and parts[0][:1].isupper() and re.fullmatch(r"[A-Za-z0-9.-]{1,64}", parts[1])
    return (parts[0], parts[1]) if named else None


def reference(node: Node, value: str, modifier: str | None) -> bool:
    """Compare what two references lead to."""
    asked = plain(value)
    held = node.value if isinstance(node.value, str) else node.value.get("reference", "")
    if asked.startswith("#"):
        raise RefusedError
    if modifier is not None:
        asked = asked if "/" in asked else f"{modifier}/{asked}"
        if local(asked) is None or (local(asked) or ("",))[0] != modifier:
            raise RefusedError
    if not held or held.startswith("#"):
        return False
    if local(asked) is not None:
        return local(held) == local(asked)
    if ":" in asked:  # a canonical URL without a version is that of any
        return local(held) is None and asked in {held, held.partition("|")[0]}
    found = local(held)
    return found is not None and found[1] == asked
