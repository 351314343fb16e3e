"""A server that also speaks XML: what the gateway would be, had it this format."""

import json
from xml.sax.saxutils import quoteattr

from tests.mutants.answers import rewrite
from tests.mutants.asking import changed, header

FHIR_XML = b"application/fhir+xml"


def in_xml(resource):
    """Return the XML form of a resource, without the XHTML of its narrative."""
    type_ = resource["resourceType"]
    inside = "".join(_members(resource, of_resource=True))
    return f'<{type_} xmlns="http://hl7.org/fhir">{inside}</{type_}>'.encode()


def speaking_xml(application, written=in_xml):
    """Return the application that declares XML and answers it where it is asked for."""

    def wanted(scope):
        return header(scope, b"accept") == FHIR_XML

    def as_json(scope):
        if not wanted(scope):
            return None
        headers = [pair for pair in scope["headers"] if pair[0] != b"accept"]
        return {**scope, "headers": headers}

    def as_xml(answer):
        status, headers, body = answer
        kept = [pair for pair in headers if pair[0] != b"content-type"]
        return status, [*kept, (b"content-type", FHIR_XML)], written(json.loads(body))

    def declaring(answer):
        status, headers, body = answer
        statement = json.loads(body)
        return status, headers, json.dumps({**statement, "format": ["json", "xml"]}).encode()

    blind = rewrite(changed(application, as_json), wanted, as_xml)
    return rewrite(blind, lambda scope: scope["path"].endswith("/metadata"), declaring)


def _members(element, *, of_resource=False):
    names = dict.fromkeys(name.removeprefix("_") for name in element)
    for name in names:
        if name in {"resourceType", "div"} or (name in {"id", "url"} and not of_resource):
            continue
        values, more = element.get(name), element.get(f"_{name}")
        many = isinstance(values if values is not None else more, list)
        pairs = zip(_padded(values, more), _padded(more, values), strict=True) if many else [(values, more)]
        yield from (_one(name, *pair) for pair in pairs)


def _padded(values, others):
    values = values or []
    return [*values, *[None] * (len(others or []) - len(values))]


def _one(name, value, more):
    element = value if isinstance(value, dict) else more or {}
    if "resourceType" in element:
        type_ = element["resourceType"]
        inside = "".join(_members(element, of_resource=True))
        return f"<{name}><{type_}>{inside}</{type_}></{name}>"
    said = {key: element[key] for key in ("id", "url") if key in element}
    if value is not None and not isinstance(value, dict):
        said["value"] = str(value).lower() if isinstance(value, bool) else value
    attributes = "".join(f" {key}={quoteattr(str(text))}" for key, text in said.items())
    return f"<{name}{attributes}>{''.join(_members(element))}</{name}>"
