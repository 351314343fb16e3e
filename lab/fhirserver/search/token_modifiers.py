"""The modifiers of token parameters that look beside the code: ``:text``, ``:of-type``, ``:below``.

Spec: https://hl7.org/fhir/R4/search.html#token
"""

import re

from lab.fhir.response import FhirError
from lab.fhirserver.search.criterion import Alternative, Criterion, all_of, any_of, merged
from lab.fhirserver.search.in_bodies import identifier_is, text_begins
from lab.fhirserver.search.kinds import folded_text, unsupported
from lab.fhirserver.search.place import Place
from lab.fhirserver.search.values import alternatives, split, unescape
from lab.fhirserver.sql import Sql
from lab.fhirserver.storage.catalogue import Parameter
from lab.fhirserver.storage.store import Store

BESIDE = frozenset({"text", "of-type", "in", "not-in", "above", "below"})
"""The modifiers of this module."""

_IDENTIFIER = re.compile(r"identifier\)?$", re.IGNORECASE)
_MIME = re.compile(r"\.contentType$")
_ABOVE_ALL = "\U0010ffff"


def beside(store: Store, known: Parameter, at: Place, modifier: str, value: str) -> Criterion:
    """Return what a token parameter with one of the modifiers asks for.

    Raises:
        FhirError: 400 when the modifier needs a terminology, or does not apply to the element.
    """
    reads = [branch.strip() for branch in known.definition.expression.split("|")]
    values = alternatives(value)
    if modifier == "text":
        return merged(*(_text(store, at.type, known.definition.code, each) for each in values))
    if modifier == "of-type" and any(_IDENTIFIER.search(branch) for branch in reads):
        return merged(*(_of_type(store, known.definition.code, at, each) for each in values))
    if modifier == "below" and all(_MIME.search(branch) for branch in reads):
        return any_of(store, at, [_media(unescape(each)) for each in values])
    if modifier == "of-type":
        raise unsupported(modifier)
    message = f"The modifier :{modifier} needs a terminology service, which this server does not have."
    raise FhirError(400, "not-supported", message)


def _text(store: Store, type_: str, code: str, value: str) -> Criterion:
    folded = folded_text(unescape(value))
    return Criterion(text_begins(store, type_, code, folded))


def _of_type(store: Store, code: str, at: Place, value: str) -> Criterion:
    """Read ``system|code|value``, the first two of the type of an identifier."""
    parts = [unescape(part) for part in split(value, "|")]
    if len(parts) != 3 or not all(parts):
        raise FhirError(400, "invalid", "The modifier :of-type takes system|code|value.")
    held = any_of(store, at, [Alternative(Sql("v.code = ?", (parts[2],)))])
    system, kind, value_ = parts
    return all_of([held, Criterion(identifier_is(store, at.type, code, (system, kind, value_), held.test))])


def _media(text: str) -> Alternative:
    """Read a media type, with or without parameters in the resource."""
    start = text + ";"
    return Alternative(
        Sql("(v.code = ? or v.code >= ? and v.code < ?)", (text, start, start + _ABOVE_ALL)), drivable=False
    )
