"""What every request must agree on before it is looked at as FHIR: method, media type, parameters.

Spec: https://hl7.org/fhir/R4/http.html#mime-type
"""

import re
from urllib.parse import parse_qsl

from tableau_urgences.exchange import Refusal, Request

_JSON_TYPES = {"application/fhir+json", "application/json", "text/json", "application/*", "*/*"}
_JSON_FORMATS = {"json", "application/json", "application/fhir+json", "application/fhir json", "text/json"}
_MAX_PARAMETERS = 100


def only(request: Request, allowed: str) -> None:
    """Refuse the methods that are not in the list, written as an Allow header.

    Raises:
        Refusal: 405.
    """
    if request.method not in allowed.split(", "):
        raise Refusal(405, "not-supported", f"This path answers to {allowed}.", allow=allowed)


def pairs_of(query: str) -> list[tuple[str, str]]:
    """Return the parameters of a query or form, in order.

    Raises:
        Refusal: 400.
    """
    try:
        return parse_qsl(
            query,
            keep_blank_values=True,
            strict_parsing=bool(query),
            errors="strict",
            max_num_fields=_MAX_PARAMETERS,
        )
    except ValueError:
        raise Refusal(400, "invalid", "The parameters are not name=value pairs in UTF-8.") from None


def utf8(body: bytes) -> str:
    """Return the text of a body.

    Raises:
        Refusal: 400.
    """
    try:
        return body.decode()
    except UnicodeDecodeError:
        raise Refusal(400, "invalid", "The body is not UTF-8.") from None


def negotiate(request: Request, pairs: list[tuple[str, str]]) -> None:
    """Accept only a client that takes FHIR R4 as JSON; ``_format`` wins over the header.

    Raises:
        Refusal: 406.
    """
    formats = [value for name, value in pairs if name == "_format"]
    if formats:
        fits = formats[-1].partition(";")[0].lower() in _JSON_FORMATS
    else:
        ranges = (request.header("accept") or "*/*").lower().split(",")
        fits = any(_takes_json(one) for one in ranges)
    if not fits:
        raise Refusal(406, "not-supported", "Only application/fhir+json, of FHIR 4.0, is served.")


def _takes_json(media_range: str) -> bool:
    name, *parameters = (piece.strip() for piece in media_range.split(";"))
    refused = any(re.fullmatch(r"q=0(\.0*)?|fhirversion=(?!4\.0).*", parameter) for parameter in parameters)
    return name in _JSON_TYPES and not refused
