"""Paths of masks, and forwarding headers: read as one thing, or refused."""

from ipaddress import ip_address, ip_network

from fuzzing import fuzz
from hypothesis import given
from hypothesis import strategies as st

from lab.fhir.element_path import ElementPath, PathError, parse_path
from lab.fhir.forwarding import MOST_HOPS, NOBODY, caller
from lab.fhir.network import address_of

ELEMENT = st.from_regex(r"[a-z][A-Za-z]{0,5}", fullmatch=True)
SYSTEM = st.text(st.characters(exclude_characters="'", exclude_categories=["Cs"]), min_size=1, max_size=6)
PLAIN = st.builds(
    lambda type_, elements: ".".join((type_, *elements)),
    st.from_regex(r"[A-Z][A-Za-z]{1,5}", fullmatch=True),
    st.lists(ELEMENT, min_size=1, max_size=3),
)
CHOICES = st.builds(
    lambda plain, systems: (
        f"{plain}.where(system in ({' | '.join(f'{chr(39)}{s}{chr(39)}' for s in systems)}))"
    ),
    PLAIN,
    st.lists(SYSTEM, min_size=1, max_size=3),
)


def written(path: ElementPath) -> str:
    """Write a path with its systems."""
    systems = " | ".join(f"'{system}'" for system in sorted(path.systems))
    return f"{path}.where(system in ({systems}))" if path.systems else str(path)


@fuzz
@given(st.one_of(PLAIN, CHOICES))
def test_a_path_of_the_grammar_is_read_and_written(text):
    path = parse_path(text)
    assert parse_path(written(path)) == path
    assert path.overlaps(path.type, path.elements)
    assert path.overlaps(path.type, path.elements[:1])
    assert not path.overlaps("Other", path.elements)


@fuzz
@given(st.data())
def test_a_text_is_a_path_or_is_refused(data):
    text = data.draw(st.one_of(PLAIN, CHOICES))
    at = data.draw(st.integers(0, len(text)))
    changed = text[:at] + data.draw(st.text(max_size=3)) + text[at + data.draw(st.integers(0, 3)) :]
    try:
        path = parse_path(changed)
    except PathError:
        return
    assert parse_path(written(path)) == path
    assert str(path) in changed


PROXIES = (ip_network("10.0.0.0/29"), ip_network("2001:db8:99::/48"))
PROXY = "10.0.0.1"
HOPS = st.one_of(
    st.ip_addresses().map(str),
    st.sampled_from(["10.0.0.1", "10.0.0.2", "2001:db8:99::1", "10.31.0.5", "::ffff:10.0.0.3", "::1"]),
)
NAMES = ("x-forwarded-for", "forwarded", "x-real-ip", "x-forwarded-host", "forwarded-for", "via")


def decided(hops):
    """Say, slowly, whose address it is: the last that is no proxy's."""
    folded = [address_of(hop) for hop in hops]
    strangers = [
        a for a in folded if not any(a in network for network in PROXIES if network.version == a.version)
    ]
    return str(strangers[-1]) if strangers and len(hops) <= MOST_HOPS else NOBODY


@st.composite
def forwarded(draw, hop):
    """Write one element of ``Forwarded`` about a hop."""
    port = draw(st.sampled_from(["", ":80", ":65535"]))
    node = f"[{hop}]{port}" if ":" in hop else f"{hop}{port}"
    quoted = f'"{node}"' if ":" in node or draw(st.booleans()) else node
    name = draw(st.sampled_from(["for", "For", "FOR"]))
    more = draw(st.lists(st.sampled_from(["proto=https", 'by="x,y;z"', 'host="a\\"b"']), unique=True))
    return ";".join(draw(st.permutations([f"{name}={quoted}", *more])))


@fuzz
@given(st.lists(HOPS, min_size=1, max_size=MOST_HOPS + 2), st.data())
def test_a_list_is_read_as_what_it_says_in_both_forms(hops, data):
    gap = data.draw(st.sampled_from([",", ", ", " , "]))
    plain = ("x-forwarded-for", gap.join(hops))
    structured = ("forwarded", gap.join(data.draw(forwarded(hop)) for hop in hops))
    expected = decided(hops)
    for headers in ([plain], [structured], [plain, structured], [structured, plain]):
        assert caller(PROXY, headers, PROXIES) == expected
        assert caller("192.0.2.1", headers, PROXIES) == "192.0.2.1"
    assert caller(PROXY, [plain, plain], PROXIES) == NOBODY
    assert caller(PROXY, [plain, ("forwarded", "for=192.0.2.99")], PROXIES) in {NOBODY, expected}


@fuzz
@given(st.lists(st.tuples(st.sampled_from(NAMES), st.one_of(st.text(max_size=40), HOPS)), max_size=4))
def test_whatever_is_said_names_an_address_or_nobody(headers):
    found = caller(PROXY, headers, PROXIES)
    if found == NOBODY:
        return
    assert str(ip_address(found)) == found
    assert not any(ip_address(found) in network for network in PROXIES)
    said = [value for name, value in headers if name in {"x-forwarded-for", "forwarded"}]
    assert said


@fuzz
@given(st.lists(HOPS, min_size=1, max_size=4), st.text(max_size=20))
def test_what_a_caller_writes_before_the_proxies_changes_nobody_else(hops, written_by_caller):
    """A proxy wrote the last hop that is no proxy: what stands before can only make it unreadable."""
    expected = decided(hops)
    value = f"{written_by_caller}, {', '.join(hops)}"
    found = caller(PROXY, [("x-forwarded-for", value)], PROXIES)
    assert found in {expected, NOBODY} or (expected == NOBODY and found in written_by_caller)
