"""Level 5, holes in what may be asked about, and in what a client with masks may write."""

from dataclasses import replace

import pytest

from lab.fhir.interaction import Interaction
from lab.fhirserver.search import reading, sorting
from lab.gateway import decision as answers
from lab.gateway import implied_reads, level5_attributes, masked_requests, ruling, serving, write_back
from lab.gateway.decision import Decision


def masked_is_searched(patch: pytest.MonkeyPatch) -> None:
    """A masked element is searched by, value by value (blind search oracle)."""
    _reads(patch, lambda _, p: _nothing() if _plain(p) else None)


def masked_is_sorted_by(patch: pytest.MonkeyPatch) -> None:
    """The order by a masked element tells of its values."""
    _reads(patch, lambda _, p: _nothing() if p.name == "_sort" else None)


def masked_behind_a_chain(patch: pytest.MonkeyPatch) -> None:
    """A chain that ends on a masked element is not looked into."""
    _reads(patch, lambda _, p: _nothing() if "." in p.name or "." in (p.modifier or "") else None)


def masked_behind_has(patch: pytest.MonkeyPatch) -> None:
    """A reverse chain that ends on a masked element is not looked into (HAPI #6065)."""
    _reads(patch, lambda _, p: _nothing() if p.name == "_has" else None)


def chain_of_one_type(patch: pytest.MonkeyPatch) -> None:
    """A chain without a type is followed to the first type that it may lead to."""
    sound = level5_attributes._targets
    patch.setattr(level5_attributes, "_targets", lambda *of: set(sorted(sound(*of))[:1]))


def links_of_a_chain_unchecked(patch: pytest.MonkeyPatch) -> None:
    """Only the end of a chain is looked at, not the masked references it goes by."""
    sound = level5_attributes._reads
    patch.setattr(level5_attributes, "_reads", lambda *of: list(sound(*of))[-1:])


def identifier_of_reference_searched(patch: pytest.MonkeyPatch) -> None:
    """The modifier :identifier reads what a reference says of a masked patient."""
    sound = level5_attributes._reads
    hidden = {"identifier", level5_attributes._LABEL}

    def reads(type_, parameter, release):
        by = "identifier" in f"{parameter.name}:{parameter.modifier}".split(":")
        for of, code, value in sound(type_, parameter, release):
            if not (by and code in hidden):
                yield of, code, value

    patch.setattr(level5_attributes, "_reads", reads)


def composite_unchecked(patch: pytest.MonkeyPatch) -> None:
    """A composite parameter reads masked components."""
    _untouched(patch, lambda _, code: "-value" in code or code.startswith("combo"))


def component_by_the_other_path(patch: pytest.MonkeyPatch) -> None:
    """Of a parameter with several expressions, only the first path is held against the masks."""
    sound = level5_attributes.definitions

    def definitions(type_, release):
        return {code: _FirstPath(known) for code, known in sound(type_, release).items()}

    patch.setattr(level5_attributes, "definitions", definitions)


def included_by_a_masked_reference(patch: pytest.MonkeyPatch) -> None:
    """An include follows a masked reference and shows where it leads."""
    _reads(patch, lambda _, p: _nothing() if p.name in {"_include", "_revinclude"} else None)


def labels_are_searched(patch: pytest.MonkeyPatch) -> None:
    """Resources are searched by security labels that masks take away."""
    _untouched(patch, lambda _, code: code == "_security")


def tags_are_searched(patch: pytest.MonkeyPatch) -> None:
    """Resources are searched by tags that masks take away."""
    _untouched(patch, lambda _, code: code == "_tag")


def every_system_spared(patch: pytest.MonkeyPatch) -> None:
    """A code without a system is taken for one that the mask leaves visible."""
    sound = level5_attributes._spares

    def spares(value, mask):
        return sound(value, mask) or bool(mask.systems and value and "|" not in value)

    patch.setattr(level5_attributes, "_spares", spares)


def one_alternative_spares(patch: pytest.MonkeyPatch) -> None:
    """One visible system among the alternatives of a value is enough to search by a hidden one."""
    sound = level5_attributes._spares
    patch.setattr(
        level5_attributes, "_spares", lambda value, mask: any(sound(one, mask) for one in value.split(","))
    )


def modifier_spares(patch: pytest.MonkeyPatch) -> None:
    """A criterion with a modifier (:missing, :not, :text) is not held against the masks."""
    _reads(patch, lambda _, p: _nothing() if p.modifier in {"missing", "not", "text"} else None)


def order_by_a_masked_date(patch: pytest.MonkeyPatch) -> None:
    """A search without an order comes newest first, by a date that is masked."""
    sound = sorting.natural

    def natural(store, view, type_, asked):
        return sound(store, replace(view, masks=()), type_, asked)

    patch.setattr(reading, "natural", natural)


def refusal_when_something_is_found(patch: pytest.MonkeyPatch) -> None:
    """The refusal says which parameter reads what is masked."""
    sound = answers.answer

    def answer(decision):
        if decision.level != 5:
            return sound(decision)
        return answers.outcome(400, "invalid", decision.reason)

    patch.setattr(serving, "answer_of", answer)


def everything_through_masked_references(patch: pytest.MonkeyPatch) -> None:
    """A compartment brings what masked references lead to."""
    patch.setattr(ruling, "referred_through", lambda _: frozenset())


def compartment_by_a_masked_subject(patch: pytest.MonkeyPatch) -> None:
    """A compartment tells whose the resources are whose subject is masked."""
    patch.setattr(implied_reads, "_COMPARTMENTS", frozenset())


def last_by_a_masked_date(patch: pytest.MonkeyPatch) -> None:
    """The last observations are given although their dates or codes are masked."""
    sound = level5_attributes.implied
    patch.setattr(
        level5_attributes, "implied", lambda r, masks: [] if r.operation == "$lastn" else sound(r, masks)
    )


def validation_of_the_masked(patch: pytest.MonkeyPatch) -> None:
    """A validation of a stored resource tells which masked elements it has."""
    _allowed(patch, lambda request: request.operation == "$validate")


def patch_tests_the_masked(patch: pytest.MonkeyPatch) -> None:
    """A client with masks patches: test, copy and move read what is hidden."""
    _allowed(patch, lambda request: request.interaction is Interaction.PATCH)


def written_back_without(patch: pytest.MonkeyPatch) -> None:
    """What a client with masks writes back replaces the whole: the hidden part is lost."""
    patch.setattr(masked_requests, "write_back", lambda _stored, _seen, sent, _paths: sent)


def masked_is_written(patch: pytest.MonkeyPatch) -> None:
    """A client writes values in place of what is masked from it."""
    sound = masked_requests.write_back

    def written(stored, seen, sent, paths):
        try:
            return sound(stored, seen, sent, paths)
        except masked_requests.NotAsSeenError:
            return sent

    patch.setattr(masked_requests, "write_back", written)


def labels_lost_by_writing(patch: pytest.MonkeyPatch) -> None:
    """The security labels of a resource are lost when a client with masks writes it back."""
    patch.setattr(write_back, "_restore_meta", lambda *_: None)


def hidden_identifiers_lost_by_writing(patch: pytest.MonkeyPatch) -> None:
    """The identifiers of hidden systems are lost when a client with masks writes a patient back."""
    patch.setattr(write_back, "_restore_items", lambda *_: None)


def marker_is_written(patch: pytest.MonkeyPatch) -> None:
    """The marker of a masked element is stored in place of the value."""
    sound = masked_requests.write_back

    def written(stored, seen, sent, paths):
        whole = sound(stored, seen, sent, paths)
        masked = {n: v for n, v in sent.items() if "data-absent-reason" in str(v)}
        kept = {n: v for n, v in whole.items() if not any(m.removeprefix("_") == n for m in masked)}
        return {**kept, **masked}

    patch.setattr(masked_requests, "write_back", written)


def refused_although_visible(patch: pytest.MonkeyPatch) -> None:
    """A mask on any type refuses every order: some of what may be asked is refused."""
    sound = level5_attributes.decide

    def decide(request, masks):
        masks = tuple(masks)
        if masks and request.values("_sort") not in {(), ("_id",), ("-_id",)}:
            return answers.refuse(5, "masks", "nothing is sorted")
        return sound(request, masks)

    patch.setattr(level5_attributes, "decide", decide)


class _FirstPath:
    """The definition of a search parameter without its further paths."""

    def __init__(self, known) -> None:
        self._known = known

    def __getattr__(self, name):
        found = getattr(self._known, name)
        return found[:1] if name == "paths" else found


def _nothing():
    return iter(())


def _plain(parameter):
    """Tell whether a criterion is on the resource itself."""
    return "." not in parameter.name and parameter.name[:1] != "_" and "." not in (parameter.modifier or "")


def _reads(patch, instead) -> None:
    """Say something else of what some parameters read."""
    sound = level5_attributes._reads

    def reads(type_, parameter, release):
        found = instead(type_, parameter)
        return sound(type_, parameter, release) if found is None else found

    patch.setattr(level5_attributes, "_reads", reads)


def _untouched(patch, when) -> None:
    sound = level5_attributes.touches
    patch.setattr(
        level5_attributes,
        "touches",
        lambda type_, code, *rest: not when(type_, code) and sound(type_, code, *rest),
    )


def _allowed(patch, when) -> None:
    """Let level 5 pass some requests of clients with masks."""
    sound = ruling.rule_on

    def rule_on(requests, grant, registration, today):
        found = sound(requests, grant, registration, today)
        if found.decision.allow or found.decision.level != 5 or not when(requests[0]):
            return found
        return replace(found, decision=Decision(5, allow=True, rule="a hole", reason="never looked at"))

    patch.setattr(serving, "rule_on", rule_on)
