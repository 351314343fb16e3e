"""Variants across the levels: messages, bodies, caches, logs and doors."""

import contextlib
import sys
import traceback
import urllib.request
from xml.etree import ElementTree as ET

from tests.mutants.vendors.sound.message import Answer, Refused
from tests.mutants.vendors.sound.vendor import Vendor
from tests.mutants.vendors.variant import variant


@variant("X-01", "a request with both lengths is read by its chunks, and the connection stays open")
def chunks_win_over_the_length(app: Vendor) -> None:
    sound = app.http.check_framing
    app.http.check_framing = lambda lengths, codings: sound([] if codings else lengths, codings)


@variant("X-01", "the first of two lengths counts")
def first_length_wins(app: Vendor) -> None:
    sound = app.http.check_framing
    app.http.check_framing = lambda lengths, codings: sound(lengths[:1], codings)


@variant("X-01", "an unknown transfer coding is taken for no body")
def unknown_coding_is_ignored(app: Vendor) -> None:
    sound = app.http.body

    async def body(headers, reader):
        unknown = {"transfer-encoding", "content-length"}
        if ("transfer-encoding", "xchunked") in headers:
            headers = tuple(field for field in headers if field[0] not in unknown)
        return await sound(headers, reader)

    app.http.body = body


@variant("X-02", "a space before the colon is taken away")
def space_before_the_colon(app: Vendor) -> None:
    sound = app.http.field
    app.http.field = lambda line: sound(line.replace(b" :", b":", 1))


@variant("X-02", "a header value ends at a NUL byte")
def value_ends_at_nul(app: Vendor) -> None:
    sound = app.http.lines

    def lines(head):
        return [line.partition(b"\x01")[0] for line in sound(head.replace(b"\0", b"\x01"))]

    app.http.lines = lines


@variant("X-03", "an encoded slash is a slash")
def encoded_slash_is_a_slash(app: Vendor) -> None:
    sound = app.http.path
    app.http.path = lambda raw: sound(raw.replace("%2f", "/"))


@variant("X-04", "a request without Host is served")
def host_may_be_missing(app: Vendor) -> None:
    sound = app.http.check_host
    app.http.check_host = lambda hosts: sound(hosts) if hosts else None


# L4-29 follows the links of pages that it asked for with the same header.
@variant("X-04", "links are made from X-Forwarded-Host", also=("L4-29",))
def links_of_a_forwarded_host(app: Vendor) -> None:
    sound, base = app.serve, app.base

    def serve(caller, request):
        host = request.header("x-forwarded-host")
        app.searches.base = f"http://{host}/fhir" if host else base
        return sound(caller, request)

    app.serve = serve


@variant("X-05", "the photo of a new patient is fetched")
def photo_is_fetched(app: Vendor) -> None:
    sound = app.resources.stored

    def stored(caller, type_, id_, body, status):
        for photo in body.get("photo", []) if type_ == "Patient" else []:
            with contextlib.suppress(OSError, ValueError):
                urllib.request.urlopen(photo.get("url", ""), timeout=1).close()  # noqa: S310 - the flaw
        return sound(caller, type_, id_, body, status)

    app.resources.stored = stored


@variant("X-06", "answers may be kept by any cache")
def answers_are_public(app: Vendor) -> None:
    sound = app.http.always
    shared = ("Cache-Control", "public, max-age=60")
    app.http.always = lambda: [
        shared if name == "Cache-Control" else (name, value) for name, value in sound()
    ]


@variant("X-06", "answers with a chosen format are kept by their address")
def answers_are_kept_by_address(app: Vendor) -> None:
    sound, kept = app.serve, {}

    def serve(caller, request):
        if request.method != "GET" or "_format" not in request.query:
            return sound(caller, request)
        if (request.path, request.query) not in kept:
            kept[request.path, request.query] = sound(caller, request)
        return kept[request.path, request.query]

    app.serve = serve


@variant("X-07", "a body nested too deep breaks the server")
def deep_body_breaks_the_server(app: Vendor) -> None:
    sound = app.bodies.parse

    def parse(data):
        try:
            return sound(data)
        except Refused as refused:
            if "deep" in refused.text:
                raise RecursionError from None
            raise

    app.bodies.parse = parse


@variant("X-07", "room is made for as many entries as _count says")
def count_takes_memory(app: Vendor) -> None:
    sound = app.searches.size

    def size(text):
        if text.isdigit() and int(text) > 10**8:
            raise MemoryError
        return sound(text)

    app.searches.size = size


@variant("X-08", "XML is read, with its DOCTYPE")
def doctype_is_read(app: Vendor) -> None:
    sound = app.bodies.resource

    def resource(request, type_):
        if "xml" not in request.header("content-type"):
            return sound(request, type_)
        root = ET.fromstring(request.body)
        return {"resourceType": "Patient", **_members(root)}

    app.bodies.resource = resource


def _members(node):
    found = {}
    for child in node:
        name = child.tag.rpartition("}")[2]
        value = child.get("value") if "value" in child.attrib else _members(child)
        if name in {"identifier", "name", "given"}:
            found.setdefault(name, []).append(value)
        else:
            found[name] = value == "true" if name == "active" else value
    return found


@variant("X-09", "the last of two equal names counts")
def last_name_wins(app: Vendor) -> None:
    app.bodies.members = dict


@variant("X-09", "NaN is a number")
def nan_is_a_number(app: Vendor) -> None:
    app.bodies.constant = lambda _: 0


@variant("X-09", "the type of the address is not that of the body")
def type_of_the_body_is_not_compared(app: Vendor) -> None:
    app.bodies.check_resource_type = lambda *_: None


@variant("X-12", "the refusal of a body that is no JSON shows a stack trace")
def stack_trace_of_the_parser(app: Vendor) -> None:
    sound = app.bodies.parse

    def parse(data):
        try:
            return sound(data)
        except Refused as refused:
            if "not JSON" in refused.text:
                raise Refused(400, "structure", traceback.format_exc()) from None
            raise

    app.bodies.parse = parse


@variant("X-12", "every answer names the software")
def server_names_itself(app: Vendor) -> None:
    sound = app.http.always
    app.http.always = lambda: [*sound(), ("Server", "Vendor/1.0 Python/3.11")]


@variant("X-14", "the log is text, with paths as they came")
def log_is_text(app: Vendor) -> None:
    def log(request, answer):
        sys.stdout.write(f"{request.method} {request.path} {answer.status}\n")
        sys.stdout.flush()

    app.log = log


@variant("X-15", "the Origin of a request is allowed")
def origin_is_repeated(app: Vendor) -> None:
    sound = app.answer

    def answer(request):
        origin = request.header("origin")
        allowed = (("Access-Control-Allow-Origin", origin), ("Access-Control-Allow-Credentials", "true"))
        return sound(request).with_headers(*allowed) if origin else sound(request)

    app.answer = answer


@variant("X-17", "a test door resets the application, without a token")
def reset_is_open(app: Vendor) -> None:
    sound = app.elsewhere

    def elsewhere(request):
        if request.path == "/reset":
            return Answer(200, b'{"reset":true}', content_type="application/json")
        return sound(request)

    app.elsewhere = elsewhere
