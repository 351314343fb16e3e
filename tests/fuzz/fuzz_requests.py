"""Random requests to a FHIR server, from its own CapabilityStatement: mostly right, wrong in a place."""

import json
from urllib.parse import quote

from hypothesis import strategies as st

IDS = st.sampled_from(
    ["pat-000001", "x", "1", "group-urgences-purpan", "org-chu", "a" * 64, "a" * 65, "%00", "é", "-"]
)
DATES = [
    "2026",
    "2026-02-30",
    "ge2026-01-01",
    "0000",
    "9999-12-31T23:59:60Z",
    "ap2026",
    "1900-01-01T00:00:00+14:00",
]
VALUES = {
    "date": DATES,
    "number": ["1", "1e3", "-1", "1e400", "lt0.5", "NaN", "1" * 400],
    "quantity": ["5.4||mg", "1|http://unitsofmeasure.org|kg", "|", "ap1", "1e-400", "1|||"],
    "token": ["male", "a|b", "|b", "a|", "a|b|c", "|", "http://loinc.org|718-7", "true"],
    "reference": [
        "Patient/pat-000001",
        "pat-000001",
        "http://x/y",
        "Patient/",
        "#a",
        "urn:uuid:1",
        "../../x",
    ],
    "string": ["Martin", "%", "_", "'", '"', "a*", "\\,", "(", "$"],
    "uri": ["urn:oid:1.2", "http://x/y", "not a uri"],
    "composite": ["8480-6$gt1", "$", "a$b$c", "a|b$5||mg"],
    "special": ["a", "", "1|2|3|4"],
}
CONTROLS = {
    "_count": ["0", "1", "1000000000", "-1", "x", ""],
    "_offset": ["0", "1"],
    "_page": ["x", "AAAA"],
    "_sort": ["date", "-_lastUpdated", "name,-birthdate", "x", ""],
    "_include": [
        "Observation:subject",
        "*",
        "Patient:organization",
        "Observation:subject:Group",
        "x",
        "a:b:c:d",
    ],
    "_include:iterate": ["Observation:subject", "Patient:link"],
    "_revinclude": ["Observation:subject", "*", "x:y"],
    "_summary": ["true", "count", "data", "text", "x"],
    "_elements": ["id", "name,birthDate", "x.y", ""],
    "_total": ["none", "accurate", "x"],
    "_format": ["json", "xml", "application/fhir+json", "x"],
    "_pretty": ["true", "x"],
    "_type": ["Patient", "Patient,Observation", "X", ""],
    "_since": [*DATES, "2026-01-01T00:00:00Z"],
    "_at": DATES,
    "_typeFilter": ["Patient?gender=male", "Patient?", "X?a=b", "Patient?_has:x"],
    "_has:Observation:subject:code": ["718-7"],
    "_has:Observation:subject:_has:Encounter:x:y": ["1"],
    "_filter": ["name eq 'a'"],
    "_query": ["x"],
    "_text": ["a"],
    "_content": ["a"],
    "_list": ["1"],
    "_security": ["a|b"],
    "_tag": ["a"],
    "code": ["718-7"],
    "max": ["1", "x"],
}
MODIFIERS = st.sampled_from(
    [
        *(
            "",
            "",
            "",
            ":exact",
            ":contains",
            ":missing",
            ":not",
            ":text",
            ":in",
            ":below",
            ":above",
            ":of-type",
        ),
        *(":identifier", ":Patient", ":iterate", ":x", ":", ":missing:missing"),
    ]
)
HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "Accept": st.sampled_from(
            ["application/fhir+json", "application/json", "*/*", "text/html", "x", ";", ""]
        ),
        "Prefer": st.sampled_from(
            ["return=minimal", "return=OperationOutcome", "handling=strict", "respond-async"]
        ),
        "If-Match": st.sampled_from(['W/"1"', '"1"', "*", "x", 'W/""']),
        "If-None-Match": st.sampled_from(['W/"1"', "*", "x"]),
        "If-Modified-Since": st.sampled_from(
            ["Sat, 01 Jan 2028 00:00:00 GMT", "x", "Sat, 01 Jan 0000 00:00:00 GMT"]
        ),
        "If-None-Exist": st.sampled_from(["identifier=a|b", "name=x", "", "x", "_id=1&_id=2", "a:b=c"]),
    },
)
LEAVES = st.one_of(
    st.sampled_from(
        ["", "x", "Patient/pat-000001", "2026-01-01", "http://x", "\u0000", "é", "a" * 3000, "male"]
    ),
    st.integers(-1, 2**60),
    st.floats(allow_nan=False, allow_infinity=False),
    st.booleans(),
    st.none(),
)
NAMES = st.sampled_from(
    [
        *("id", "meta", "name", "identifier", "subject", "code", "status", "contained", "text", "extension"),
        *(
            "link",
            "reference",
            "system",
            "value",
            "coding",
            "resourceType",
            "birthDate",
            "_birthDate",
            "member",
        ),
        *("entry", "x"),
    ]
)
NODES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=6,
)
PATCHES = st.lists(
    st.fixed_dictionaries(
        {"op": st.sampled_from(["add", "remove", "replace", "test", "move", "copy", "x"])},
        optional={
            "path": st.sampled_from(
                ["/name", "/name/0/family", "/id", "/-", "", "/meta/security", "x", "/~2"]
            ),
            "from": st.sampled_from(["/name", "/id", "x"]),
            "value": NODES,
        },
    ),
    max_size=3,
)
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
MOST = {
    "/{}": "GET GET GET POST",
    "/{}/_search": "POST",
    "/{}/pat-000001": "GET PUT PATCH DELETE",
    "/{}/x": "GET PUT",
    "/Patient/pat-000001/$everything": "GET",
    "/": "POST",
}
"""Asked for more often than all others together, each with the methods that it is made for."""

WHOLE = {
    "Patient": {"name": [{"family": "Fuzz"}], "gender": "male", "birthDate": "1980-01-01"},
    "Observation": {"status": "final", "code": {"text": "x"}, "subject": {"reference": "Patient/pat-000001"}},
    "Encounter": {"status": "finished", "class": {"code": "EMER"}},
    "Group": {"type": "person", "actual": True},
    "List": {"status": "current", "mode": "working"},
    "Organization": {"name": "Fuzz"},
    "Condition": {"code": {"text": "x"}, "subject": {"reference": "Patient/pat-000001"}},
    "Basic": {"code": {"text": "x"}},
    "Binary": {"contentType": "text/plain", "data": "YQ=="},
}


class Requests:
    """Draw requests to a server that declares these parameters and operations."""

    def __init__(self, parameters, operations):
        """Take what the server declares."""
        self._parameters, self._operations = parameters, operations
        odd = st.sampled_from([*sorted(parameters), "Nothing", "patient"])
        granted = st.sampled_from(sorted(WHOLE))
        self._types = st.integers(0, 9).flatmap(lambda chance: odd if chance == 0 else granted)

    def request(self, draw):
        """Draw method, target, headers and body."""
        type_ = draw(self._types)
        paths = self._paths(type_, draw(IDS), draw(IDS))
        rare = st.sampled_from([False, False, False, True])
        most = {form.format(type_): methods for form, methods in MOST.items()}
        paths = {**paths, **most}
        path = draw(st.sampled_from(sorted(paths) if draw(rare) else sorted(most)))
        method = draw(st.sampled_from(paths[path].split(" ")))
        if draw(st.integers(0, 9)) == 0:
            method = draw(st.sampled_from(METHODS))
        query = self._query(draw, type_)
        headers, body = draw(HEADERS) if draw(rare) else {}, b""
        if method in {"POST", "PUT", "PATCH"} or draw(st.integers(0, 20)) == 0:
            media_type, body = self._body(draw, method, type_, path)
            headers = {**headers, "Content-Type": media_type}
        return method, "/fhir" + path + (f"?{query}" if query else ""), headers, body

    def _paths(self, type_, id_, version):
        """Return the paths to ask for, each with the methods that it is made for."""
        id_, version = quote(id_, safe="%"), quote(version, safe="%")
        operations = [f"/{name if name.startswith('$') else f'${name}'}" for name in self._operations]
        both = [
            *operations,
            *(f"/{type_}{o}" for o in operations),
            *(f"/{type_}/{id_}{o}" for o in operations),
        ]
        return {
            f"/{type_}": "GET HEAD POST PUT PATCH DELETE",
            f"/{type_}/{id_}": "GET HEAD PUT PATCH DELETE",
            f"/{type_}/_search": "POST",
            f"/{type_}/_history": "GET",
            f"/{type_}/{id_}/_history": "GET",
            f"/{type_}/{id_}/_history/{version}": "GET",
            f"/Patient/{id_}/{type_}": "GET",
            "": "GET POST",
            "/": "POST",
            "/_search": "POST",
            "/_history": "GET",
            "/metadata": "GET HEAD",
            "/.well-known/smart-configuration": "GET HEAD",
            "//": "GET",
            "/x/y/z/w": "GET",
            **dict.fromkeys(both, "GET POST"),
        }

    def _query(self, draw, type_):
        known = self._parameters.get(type_, {})
        pairs = []
        for _ in range(draw(st.integers(0, 3))):
            if known and draw(st.integers(0, 2)):
                name = draw(st.sampled_from(sorted(known)))
                value = draw(st.sampled_from(VALUES[known[name]]) | st.text(max_size=4))
                chained = draw(st.sampled_from(["", "", "", ".name", ":Patient.name", ".x", ".subject.name"]))
                name += chained or draw(MODIFIERS)
            else:
                name = draw(st.sampled_from(sorted(CONTROLS)))
                value = draw(st.sampled_from(CONTROLS[name]) | st.text(max_size=4))
            many = draw(st.sampled_from([1, 1, 1, 2, 50]))
            pairs.append(f"{quote(name)}={quote(','.join([value] * many), safe=',')}")
        return "&".join(pairs)

    def _body(self, draw, method, type_, path):
        if path.endswith("/_search") and draw(st.integers(0, 3)):
            return "application/x-www-form-urlencoded", self._query(draw, type_).encode()
        if method == "PATCH" and draw(st.integers(0, 3)):
            return "application/json-patch+json", json.dumps(draw(PATCHES)).encode()
        resource = {
            "resourceType": type_,
            **WHOLE.get(type_, {}),
            **draw(st.dictionaries(NAMES, NODES, max_size=2)),
        }
        kind = draw(st.sampled_from(["resource", "resource", "bundle", "parameters", "any", "bytes"]))
        content = {"resource": resource, "any": draw(NODES)}.get(kind)
        if kind == "bundle" or path in {"", "/"}:
            content = {"resourceType": "Bundle", "type": draw(st.sampled_from(["batch", "transaction", "x"]))}
            content["entry"] = [self._entry(draw, type_, resource) for _ in range(draw(st.integers(0, 3)))]
        elif kind == "parameters":
            part = {"name": draw(st.sampled_from(sorted(CONTROLS))), "valueString": draw(LEAVES)}
            content = {
                "resourceType": "Parameters",
                "parameter": [part, {"name": "resource", "resource": resource}],
            }
        elif kind == "bytes":
            return draw(st.sampled_from(["application/fhir+json", "x/y", ""])), draw(st.binary(max_size=30))
        return draw(
            st.sampled_from([*["application/fhir+json"] * 4, "application/json", "application/fhir+xml"])
        ), json.dumps(content).encode()

    def _entry(self, draw, type_, resource):
        url = draw(st.sampled_from(sorted(self._paths(type_, draw(IDS), "1")))).lstrip("/")
        query = self._query(draw, type_)
        request = {
            "method": draw(st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "get", ""])),
            "url": url + (f"?{query}" if query else ""),
            **draw(st.fixed_dictionaries({}, optional={"ifMatch": LEAVES, "ifNoneExist": LEAVES})),
        }
        entry = {
            "request": request,
            "resource": resource,
            "fullUrl": draw(st.sampled_from(["urn:uuid:1", "x", ""])),
        }
        return {name: value for name, value in entry.items() if draw(st.integers(0, 8))}
