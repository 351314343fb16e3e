"""Variants of level 1: who may connect is decided late, by what the caller says, or not everywhere."""

import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.mutants.vendors.sound.message import Refused
from tests.mutants.vendors.sound.vendor import Vendor
from tests.mutants.vendors.variant import variant

_BEHIND = "127.0.0.3"


@variant("L1-01", "the token is looked at before the network: a refused address learns whether it is good")
def token_before_network(app: Vendor) -> None:
    sound = app.network.check

    def check(request):
        if request.all("authorization"):
            app.tokens.caller(request)
        sound(request)

    app.network.check = check


@variant("L1-02", "X-Forwarded-For is believed from everybody, its first address")
def anybody_forwards(app: Vendor) -> None:
    sound = app.network.caller

    def caller(request):
        named = request.all("x-forwarded-for")
        peer = request.peer if request.peer == "127.0.0.9" or len(named) != 1 else named[0].partition(",")[0]
        return sound(replace(request, peer=peer))

    app.network.caller = caller


@variant("L1-03", "X-Real-IP is believed from everybody")
def real_ip_is_believed(app: Vendor) -> None:
    sound = app.network.caller
    app.network.caller = lambda request: request.header("x-real-ip") or sound(request)


@variant("L1-04", "behind the proxy the first address of X-Forwarded-For decides")
def first_hop_decides(app: Vendor) -> None:
    sound = app.network.last_hop
    app.network.last_hop = lambda chain: sound(chain) and chain.partition(",")[0].strip()


@variant("L1-05", "of several X-Forwarded-For lines the first one is read")
def first_line_is_read(app: Vendor) -> None:
    sound = app.network.caller

    def caller(request):
        named = request.all("x-forwarded-for")
        others = tuple(pair for pair in request.headers if pair[0] != "x-forwarded-for")
        first = (("x-forwarded-for", named[0]),) if named else ()
        return sound(replace(request, headers=(*others, *first)))

    app.network.caller = caller


@variant("L1-05", "an X-Forwarded-For that holds no address breaks the server")
def forwarding_breaks(app: Vendor) -> None:
    sound = app.network.check

    def check(request):
        if "no address" in request.header("x-forwarded-for"):
            raise ValueError
        sound(request)

    app.network.check = check


@variant("L1-06", "the allowed address is compared as the beginning of a text")
def address_is_a_text(app: Vendor) -> None:
    app.network.allows = lambda address: address.startswith("127.0.0.1")


@variant("L1-07", "peers of IPv6 are not compared with the networks")
def every_ipv6_peer(app: Vendor) -> None:
    sound = app.network.allows
    app.network.allows = lambda address: ":" in address or sound(address)


@variant("L1-10", "a PROXY preface says from whom the connection is")
def preface_is_believed(app: Vendor) -> None:
    sound = app.http.read

    async def read(head, reader, peer):
        line, _, rest = head.partition(b"\r\n")
        if line.startswith(b"PROXY TCP4 "):
            return await sound(rest, reader, line.split(b" ")[2].decode())
        return await sound(head, reader, peer)

    app.http.read = read


@variant("L1-11", "the refusal of the network differs where there is an API")
def refusal_depends_on_path(app: Vendor) -> None:
    sound = app.network.check

    def check(request):
        try:
            sound(request)
        except Refused as refused:
            if request.path.startswith("/fhir/Patient"):
                raise
            raise Refused(refused.status, refused.code, "Nothing for this network.") from None

    app.network.check = check


@variant("L1-12", "the health of the server is told to everybody")
def open_health(app: Vendor) -> None:
    sound = app.network.check
    app.network.check = lambda request: request.path == "/health" or sound(request)


@variant("L1-13", "the server behind the application answers whoever finds it")
def open_upstream(app: Vendor) -> None:
    class Behind(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response_only(401)
            self.send_header("Content-Length", "0")
            self.end_headers()

    server = ThreadingHTTPServer((_BEHIND, app.port), Behind)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
