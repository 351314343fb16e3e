"""Any JSON is compiled or refused; one more denial, or one permit less, never opens more."""

from copy import deepcopy
from datetime import date

from fhir.resources.permission import Permission
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sample_permissions import LIBRARY, ONCOLOGY, TAGS, deny, r5, r5_activity, r5_data, r5_rule, r6, tag

from lab.fhir.interaction import Interaction
from lab.fhir.permission import compile_permission
from lab.fhir.policy import Policy, PolicyError

BOUNDED = settings(
    max_examples=400, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
DAY = date(2026, 6, 1)
PARTS = (
    *(None, True, 0, -1.5, "", " ", "x", "active", "deny", "permit", "permit-overrides", "2026-01-01"),
    *("Patient", "Group/oncology", "#here", "*", "deny-overrides", [], {}, [[]], [{}], [None]),
    {"reference": "Permission/app-x-oncology-treat"},
    {"coding": [{"code": "read"}]},
)
JSON = st.recursive(
    st.sampled_from(PARTS).map(deepcopy),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def places(node, path=()):
    yield path
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, inner in items:
        yield from places(inner, (*path, key))


def holder(source, path):
    for key in path[:-1]:
        source = source[key]
    return source


BOTH = r5(r5_rule(), deny(data=[{"security": [tag("VIP")]}]), combining="deny-overrides")
SOUND = (r5(), r6(), BOTH)
DECISIVE = ("status", "combining", "validity", "rule")


@st.composite
def mutated(draw, sound=SOUND, within=()):
    """Draw a sound Permission with a few values replaced, removed, doubled or added, anywhere or within."""
    source = deepcopy(draw(st.sampled_from(sound)))
    for _ in range(draw(st.integers(1, 3))):
        known = [place for place in places(source) if place and (not within or place[0] in within)]
        if not known:
            break
        path = draw(st.sampled_from(known))
        parent, key = holder(source, path), path[-1]
        match draw(st.sampled_from(["replace", "remove", "double", "add"])):
            case "replace":
                parent[key] = draw(JSON)
            case "remove":
                del parent[key]
            case "double" if isinstance(parent, list):
                parent.append(deepcopy(parent[key]))
            case _ if isinstance(parent, dict):
                parent[draw(st.sampled_from(["import", "period", "limit", "role", "modifierExtension"]))] = (
                    draw(JSON)
                )
    return source


@BOUNDED
@given(mutated() | JSON)
def test_json_is_compiled_or_refused_with_one_sentence_a_place(source):
    library = {**LIBRARY, "Permission/app-x-oncology-treat": source}
    try:
        policy = compile_permission(source, "app-x", library)
    except PolicyError as error:
        refused: PolicyError | None = error
    else:
        refused = None
        assert policy.networks or not policy.permits
    if refused is not None:
        assert all(refusal.text.en and refusal.text.fr for refusal in refused.refusals)
        assert str(refused)


@settings(BOUNDED, max_examples=300)
@given(mutated((r5(), BOTH), DECISIVE))
def test_what_is_accepted_as_r5_is_valid_r5(source):
    try:
        compile_permission(source, "app-x")
    except PolicyError:
        return
    Permission.model_validate(source)


def pool(draw):
    return draw(
        st.sampled_from([{}, {"resource": [ONCOLOGY]}, {"security": [tag("A")]}, {"security": [tag("B")]}])
    )


@st.composite
def permits(draw):
    types = draw(st.lists(st.sampled_from(["Patient", "Observation", "Group"]), min_size=1, max_size=3))
    actions = draw(st.lists(st.sampled_from(["read", "search-type", "create"]), min_size=1, max_size=2))
    return r5_rule(
        data=[r5_data(type_, **pool(draw)) for type_ in types],
        activity=[r5_activity(action) for action in actions],
    )


@st.composite
def denying(draw):
    rule = deny()
    if draw(st.booleans()):
        rule["data"] = [{**draw(st.sampled_from([{}, r5_data("Patient")])), **pool(draw)} or r5_data("Group")]
    if draw(st.booleans()):
        rule["activity"] = [{"action": [{"coding": [{"code": draw(st.sampled_from(["read", "create"]))}]}]}]
    return rule


RESOURCES = [
    frozenset(carried)
    for carried in (
        (),
        ("Group/oncology",),
        (f"tag/{TAGS}|A",),
        (f"tag/{TAGS}|A", f"tag/{TAGS}|B", "Group/oncology"),
    )
]


def visible(policy: Policy) -> set[tuple[str, str, frozenset[str]]]:
    """Return which (interaction, type, pools of a patient) a policy shows."""
    return {
        (interaction, type_, carried)
        for interaction in Interaction
        for type_, cohort in policy.opened((interaction, "TREAT"), DAY).items()
        for carried in RESOURCES
        if all(carried & clause for clause in cohort.within) and not carried & cohort.without
    }


def compiled(rules):
    return compile_permission(r5(*rules, combining="deny-overrides"), "app-x")


@BOUNDED
@given(st.lists(permits(), min_size=1, max_size=3), st.lists(denying(), max_size=2), denying(), st.data())
def test_one_more_denial_and_one_permit_less_never_open_more(opening, taking, more, data):
    rules = [*opening, *taking]
    before = visible(compiled(rules))
    place = data.draw(st.integers(0, len(rules)))
    assert visible(compiled([*rules[:place], more, *rules[place:]])) <= before
    dropped = data.draw(st.integers(0, len(opening) - 1))
    less = [rule for number, rule in enumerate(rules) if number != dropped]
    if less:
        assert visible(compiled(less)) <= before
