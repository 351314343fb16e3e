"""The grammar of requests: anything is parsed or refused; what is parsed says what it was made from."""

import json
from urllib.parse import quote

from fuzzing import fuzz
from hypothesis import example, given
from hypothesis import strategies as st

from lab.fhir.interaction import Interaction
from lab.fhir.request import MAX_PARAMETERS, FhirRequest, parse
from lab.fhir.response import FhirError

BASE = "http://127.0.0.1:1/fhir"
FORM = "application/x-www-form-urlencoded"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "get", "")


def encoded(pairs):
    """Write pairs as a query, every sign that could mean something escaped."""
    return "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in pairs)


PIECES = st.one_of(
    st.sampled_from(
        [
            "Patient",
            "Observation",
            "_search",
            "_history",
            "metadata",
            "$everything",
            "$export",
            "$export-status",
        ]
    ),
    st.sampled_from(
        ["", ".", "..", "*", "1", "a" * 64, "a" * 65, "$", "$-", "patient", "%2e", "Patient;a=b"]
    ),
    st.from_regex(r"[A-Za-z0-9\-.$_]{1,6}", fullmatch=True),
    st.text(max_size=4),
)
PATHS = st.one_of(
    st.lists(PIECES, max_size=5).map(lambda pieces: "/" + "/".join(pieces)), st.text(max_size=30)
)
NAMES = st.one_of(
    st.sampled_from(
        ["_id", "name", "patient.name", "_has:Observation:patient:code", "name:exact", ":", "a:b:c"]
    ),
    st.text(max_size=6),
)
PAIRS = st.lists(st.tuples(NAMES, st.text(max_size=8)), max_size=5)
QUERIES = st.one_of(
    PAIRS.map(encoded),
    st.text(max_size=20),
    st.sampled_from(["a=b&" * 300 + "a=b", "%ff=a", "a=%ed%a0%80", "a=%", "&", "=", "a=b;c=d", "+=+"]),
)
SIMPLE = st.one_of(st.text(max_size=4), st.booleans(), st.integers(), st.floats(), st.none(), st.just({}))
PARTS = st.fixed_dictionaries(
    {"name": st.one_of(NAMES, st.integers())},
    optional={"valueString": SIMPLE, "valueUri": SIMPLE, "resource": SIMPLE, "part": SIMPLE},
)
BODIES = st.one_of(
    st.binary(max_size=20),
    PAIRS.map(lambda pairs: encoded(pairs).encode()),
    st.sampled_from(
        [{"resourceType": "Bundle", "type": kind} for kind in ("batch", "transaction", "x", [], {})]
    )
    .map(json.dumps)
    .map(str.encode),
    st.lists(PARTS, max_size=3).map(
        lambda parts: json.dumps({"resourceType": "Parameters", "parameter": parts}).encode()
    ),
)
HEADERS = st.sampled_from(
    [{}, {"content-type": FORM}, {"content-type": f"{FORM}; a=b"}, {"content-type": "x"}]
)


def rendered(request: FhirRequest) -> tuple[str, str]:
    """Write the path and the query of a parsed request."""
    history = ("_history", request.version) if request.version else ()
    if request.interaction in {
        Interaction.HISTORY_INSTANCE,
        Interaction.HISTORY_TYPE,
        Interaction.HISTORY_SYSTEM,
    }:
        history = ("_history",)
    metadata = "metadata" if request.interaction is Interaction.CAPABILITIES else None
    named = (request.type, request.id, metadata, *history, request.operation, *request.arguments)
    pairs = [
        (p.name if p.modifier is None else f"{p.name}:{p.modifier}", p.value) for p in request.parameters
    ]
    return "/" + "/".join(piece for piece in named if piece), encoded(pairs)


def parsed(method, path, query, headers, body):
    """Return the parsed request, or None with the status of its refusal."""
    try:
        return parse(method, path, query, headers, body, base_url=BASE), 0
    except FhirError as error:
        return None, error.status


@fuzz
@example("POST", "/", "", {}, b'{"resourceType":"Bundle","type":[]}')
@given(st.sampled_from(METHODS), PATHS, QUERIES, HEADERS, BODIES)
def test_a_request_is_parsed_or_refused(method, path, query, headers, body):
    request, status = parsed(method, path, query, headers, body)
    if request is None:
        assert 400 <= status < 500
        return
    assert len(request.parameters) <= MAX_PARAMETERS * 2
    if request.interaction is Interaction.OPERATION and request.method == "POST":
        return  # its parameters came from its body too
    again_path, again_query = rendered(request)
    searched = method == "POST" and request.interaction in {
        Interaction.SEARCH_TYPE,
        Interaction.SEARCH_SYSTEM,
    }
    again = parse(
        "GET" if searched else method, again_path, again_query, headers, request.body, base_url=BASE
    )
    fields = ("interaction", "type", "id", "version", "operation", "arguments", "parameters", "body")
    assert [getattr(again, name) for name in fields] == [getattr(request, name) for name in fields]


@fuzz
@given(PATHS, PAIRS)
def test_a_form_is_read_as_a_query_is(path, pairs):
    """What decides looks at one list, wherever the parameters stood."""
    searching = f"/{path.strip('/')}/_search".replace("//", "/")
    by_form, _ = parsed("POST", searching, "", {"content-type": FORM}, encoded(pairs).encode())
    by_query, _ = parsed("GET", searching.removesuffix("/_search") or "/", encoded(pairs), {}, b"")
    if by_form is None:
        return
    assert (by_form.parameters, by_form.type, by_form.interaction) == (
        by_query.parameters,
        by_query.type,
        by_query.interaction,
    )
