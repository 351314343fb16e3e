"""Whose address is behind a request, as pure functions: whom to believe, and what cannot be read."""

from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.fhir.forwarding import MOST_HOPS, NOBODY, caller
from lab.fhir.network import address_of, allowance
from lab.gateway import level1_network

PROXY = "10.0.0.1"
PROXIES = tuple(ip_network(text) for text in ("10.0.0.0/29", "2001:db8:99::/48"))
INSIDE, OUTSIDE = "10.31.0.5", "192.0.2.7"


def told(*headers, peer=PROXY):
    return caller(peer, headers, PROXIES)


def forwarded(value, **more):
    return told(("forwarded", value), **more)


def x_forwarded_for(value, **more):
    return told(("x-forwarded-for", value), **more)


@pytest.mark.parametrize("peer", [OUTSIDE, "", "junk", "2001:db8::1"])
@pytest.mark.parametrize("name", ["x-forwarded-for", "forwarded"])
def test_who_is_no_proxy_speaks_for_nobody(peer, name):
    value = INSIDE if name == "x-forwarded-for" else f"for={INSIDE}"
    assert told((name, value), peer=peer) == peer
    assert caller(PROXY, [(name, value)], ()) == PROXY


@pytest.mark.parametrize(
    "name", ["x-real-ip", "true-client-ip", "cf-connecting-ip", "x-client-ip", "client-ip"]
)
def test_sister_headers_are_never_read(name):
    assert told((name, INSIDE)) == NOBODY
    assert told((name, INSIDE), ("x-forwarded-for", OUTSIDE)) == OUTSIDE


@pytest.mark.parametrize(
    ("value", "address"),
    [
        (INSIDE, INSIDE),
        (f"{INSIDE}, {OUTSIDE}", OUTSIDE),
        (f"{OUTSIDE},{INSIDE}", INSIDE),
        (f"{INSIDE} , {OUTSIDE} , 10.0.0.2", OUTSIDE),
        (f"{INSIDE}, 10.0.0.2, {OUTSIDE}, 10.0.0.3, 10.0.0.2", OUTSIDE),
        ("::ffff:10.31.0.5", INSIDE),
        ("2001:db8:31::5, 2001:db8:99::1", "2001:db8:31::5"),
        ("2001:0DB8:0031::0005", "2001:db8:31::5"),
    ],
)
def test_the_last_hop_that_is_no_proxy_is_the_caller(value, address):
    assert x_forwarded_for(value) == address


@pytest.mark.parametrize("peer", [PROXY, "::ffff:10.0.0.1", "2001:db8:99::7"])
def test_a_proxy_is_one_by_its_number(peer):
    assert x_forwarded_for(INSIDE, peer=peer) == INSIDE


@pytest.mark.parametrize(
    "value",
    [
        "",
        " ",
        ",",
        f"{INSIDE},",
        f",{INSIDE}",
        f"{INSIDE},,{OUTSIDE}",
        f"{INSIDE}:80",
        "[::1",
        "[2001:db8::1]",
        "[2001:db8::1]:80",
        "junk",
        f"junk, {INSIDE}",
        f"{INSIDE}\t",
        f"{INSIDE}\t, {OUTSIDE}",
        f"{INSIDE} {OUTSIDE}",
        f"{INSIDE};{OUTSIDE}",
        "10.31.0.05",
        "10.31.5",
        "169803781",
        "0x0a1f0005",
        "fe80::1%eth0",
        "unknown",
        "\uff11\uff10.31.0.5",
        "10.0.0.2",
        "10.0.0.2, 10.0.0.3",
        ", ".join([INSIDE] * (MOST_HOPS + 1)),
    ],
)
def test_what_a_proxy_says_unreadably_names_nobody(value):
    assert x_forwarded_for(value) == NOBODY


@pytest.mark.parametrize(
    ("value", "address"),
    [
        (f"for={INSIDE}", INSIDE),
        (f"For={INSIDE};proto=https;by=10.0.0.1", INSIDE),
        (f'for="{INSIDE}:47011"', INSIDE),
        ('for="[2001:db8:31::5]"', "2001:db8:31::5"),
        ('for="[2001:db8:31::5]:443";host="a,b;c"', "2001:db8:31::5"),
        (f"for={INSIDE}, for={OUTSIDE}", OUTSIDE),
        (f"for={INSIDE};host=for, for={OUTSIDE} ,for=10.0.0.2", OUTSIDE),
        (rf'host="\"for={OUTSIDE}, for={OUTSIDE}";for={INSIDE}', INSIDE),
    ],
)
def test_forwarded_is_read_as_its_rfc_says(value, address):
    assert forwarded(value) == address


@pytest.mark.parametrize(
    "value",
    [
        "",
        INSIDE,
        "for",
        "for=",
        "for=unknown",
        "for=_hidden",
        "by=10.0.0.1",
        f"for={INSIDE};for={OUTSIDE}",
        f"for={INSIDE};FOR={OUTSIDE}",
        f"for={INSIDE},",
        f"for={INSIDE};",
        f"for = {INSIDE}",
        f"for={INSIDE} for={OUTSIDE}",
        f'for="{INSIDE}',
        "for=[2001:db8:31::5]",
        'for="2001:db8:31::5"',
        f'for="[{INSIDE}]x"',
        f"for={INSIDE}, by=10.0.0.2",
        f'for="{INSIDE}, for={OUTSIDE}',
        f"for={INSIDE}\t",
    ],
)
def test_a_forwarded_header_that_breaks_its_rfc_names_nobody(value):
    assert forwarded(value) == NOBODY


def test_a_proxy_that_says_nothing_is_no_caller_itself():
    assert told() == NOBODY
    assert told(("accept", "application/fhir+json")) == NOBODY


def test_two_lines_or_two_opinions_name_nobody():
    one, other = ("x-forwarded-for", INSIDE), ("x-forwarded-for", OUTSIDE)
    assert told(one, other) == NOBODY
    assert told(one, one) == NOBODY
    assert told(one, ("forwarded", f"for={INSIDE}")) == INSIDE
    assert told(one, ("forwarded", f"for={OUTSIDE}")) == NOBODY
    assert told(one, ("forwarded", f"for={INSIDE}, for={INSIDE}")) == NOBODY
    assert told(one, ("forwarded", "for=unknown")) == NOBODY


def test_nobody_is_refused_even_where_every_address_is_allowed():
    everywhere = [ip_network("0.0.0.0/0"), ip_network("::/0")]
    decision = level1_network.decide(x_forwarded_for("junk"), everywhere)
    assert (decision.level, decision.allow) == (1, False)
    assert level1_network.decide(x_forwarded_for(OUTSIDE), everywhere).allow


@pytest.mark.parametrize("peer", ["10.3.1.5", "110.31.0.1", "10.30.255.255", "10.32.0.0", "::10.31.0.5"])
def test_a_network_holds_by_number_not_by_prefix_of_text(peer):
    assert not level1_network.decide(peer, [ip_network("10.31.0.0/16")]).allow


def test_one_subscriber_has_one_allowance():
    assert allowance(address_of("2001:db8:1:2:3::4")) == allowance(address_of("2001:db8:1:2:ffff::9"))
    assert allowance(address_of("2001:db8:1:2::")) != allowance(address_of("2001:db8:1:3::"))
    assert allowance(address_of("::ffff:10.1.1.1")) == allowance(address_of("10.1.1.1")) == "10.1.1.1"


PARTS = st.lists(
    st.one_of(
        st.ip_addresses().map(str),
        st.sampled_from(
            [
                "for=",
                ",",
                ";",
                '"',
                "\\",
                " ",
                "\t",
                "[",
                "]",
                ":80",
                "10.0.0.2",
                "by=",
                "unknown",
                "%",
                INSIDE,
            ]
        ),
        st.text(max_size=3),
    ),
    max_size=12,
).map("".join)
HEADERS = st.lists(
    st.tuples(st.sampled_from(["forwarded", "x-forwarded-for", "x-real-ip"]), PARTS), max_size=3
)


@settings(max_examples=300, deadline=None)
@given(peer=st.one_of(st.ip_addresses().map(str), st.just(PROXY)), headers=HEADERS)
def test_whatever_is_said_the_caller_is_the_peer_an_address_or_nobody(peer, headers):
    found = caller(peer, headers, PROXIES)
    trusted = any(address_of(peer) in network for network in PROXIES)
    if not trusted:
        assert found == peer
    elif found != NOBODY:
        assert str(ip_address(found)) == found
        assert not any(ip_address(found) in network for network in PROXIES)
        values = " ".join(value for name, value in headers if name != "x-real-ip")
        assert values
