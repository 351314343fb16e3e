"""What the manifest says of the restricted identity: the rights of its scopes, what it must not see."""

from dataclasses import dataclass

from lab.api import Expect, FhirClient, Truth, parse_path, parse_scopes
from lab.checks.sample import declared


@dataclass(frozen=True)
class Restriction:
    """``rights`` are (type, letter of ``cruds``) pairs; ``masked`` are paths such as ``Patient.address``."""

    rights: frozenset[tuple[str, str]]
    masked: tuple[str, ...]
    group: str

    def opens(self, type_: str, letter: str) -> bool:
        """Tell whether the scopes hold that right on the type."""
        return (type_, letter) in self.rights or ("*", letter) in self.rights

    def closes(self, type_: str) -> bool:
        """Tell whether the scopes let the identity neither read nor search the type."""
        return not self.opens(type_, "r") and not self.opens(type_, "s")

    def masked_of(self, type_: str) -> tuple[str, ...]:
        """Return the masked paths of one type."""
        return tuple(path for path in self.masked if parse_path(path).type == type_)

    @property
    def masked_types(self) -> tuple[str, ...]:
        """Return the types with a masked element that the scopes let the identity search."""
        types = dict.fromkeys(parse_path(path).type for path in self.masked)
        return tuple(type_ for type_ in types if self.opens(type_, "s"))


def restriction(truth: Truth, expect: Expect) -> Restriction:
    """Return the restriction of the restricted identity; skips when the manifest declares none."""
    server = truth.subject.server
    identity = server.identity("restricted") if server else None
    if identity is None:
        expect.skip(
            "Le manifeste ne déclare pas d'identité restreinte.",
            "The manifest declares no restricted identity.",
        )
    rights = parse_scopes(identity.scopes).rights if identity.scopes else frozenset()
    return Restriction(rights, identity.masked, identity.cohort_group)


def closed_types(fhir: FhirClient, limits: Restriction, expect: Expect) -> tuple[str, ...]:
    """Return the declared searchable types that the restricted scopes close; skips when there is none."""
    types = [type_ for type_, codes in declared(fhir).items() if "search-type" in codes]
    closed = tuple(type_ for type_ in types if limits.closes(type_))
    if not closed:
        expect.skip(
            "Les portées de l'identité restreinte ouvrent tous les types cherchables déclarés "
            f"({', '.join(types) or 'aucun'}) : donnez-lui des portées plus étroites.",
            "The scopes of the restricted identity open every searchable type that is declared "
            f"({', '.join(types) or 'none'}): give it narrower scopes.",
        )
    return closed
