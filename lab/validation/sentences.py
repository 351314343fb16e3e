"""Say findings and coverage to people, in French and in English; no sentence holds a value of the resource.

Spec: https://hl7.org/fhir/R4/validation.html
"""

from lab.model.text import Text
from lab.validation.report import Finding, NotChecked

_RULES = {
    # Structure and codes
    "type": Text("la valeur n'est pas du type attendu", "the value is not of the expected type"),
    "required": Text("l'élément obligatoire est absent", "the mandatory element is missing"),
    "cardinality": Text("trop ou trop peu de valeurs", "too many or too few values"),
    "choice": Text("plusieurs types de valeur à la fois", "several types of value at once"),
    "format": Text("la valeur n'a pas la forme de son type", "the value has not the form of its type"),
    "binding": Text("le code n'est pas dans la liste imposée", "the code is not in the required list"),
    "reference": Text(
        "la référence est mal formée ou désigne un type non permis",
        "the reference is malformed or names a type that is not allowed",
    ),
    "unknown-element": Text(
        "cet élément n'existe pas dans cette version de FHIR", "this release of FHIR has no such element"
    ),
    "unknown-type": Text(
        "ce type de ressource n'existe pas dans cette version de FHIR", "no resource type has that name"
    ),
    # Profiles
    "fixed": Text("la valeur n'est pas celle que le profil fixe", "not the value that the profile fixes"),
    "pattern": Text("la valeur ne contient pas le motif du profil", "the pattern of the profile is missing"),
    "forbidden": Text("le profil interdit cet élément", "the profile forbids this element"),
    "range": Text("la valeur sort des bornes du profil", "the value is out of the bounds of the profile"),
    "length": Text("la valeur est plus longue que le profil ne permet", "the value is longer than allowed"),
    "profile": Text("la valeur ne suit aucun des profils permis", "it follows none of the allowed profiles"),
    "profile-type": Text("ce profil décrit un autre type de ressource", "this profile is about another type"),
    "slice": Text("l'élément ne suit aucune des tranches possibles", "the item follows none of its slices"),
    "slice-minimum": Text("il manque une valeur de cette tranche", "a value of this slice is missing"),
    "slice-maximum": Text("trop de valeurs de cette tranche", "too many values of this slice"),
    "slice-closed": Text("la valeur n'est d'aucune tranche permise", "the value is of no allowed slice"),
    # Invariants
    "bdl-7": Text(
        "deux entrées ont la même adresse et la même version", "two entries with one URL and version"
    ),
    "bundle-reference": Text(
        "la référence ne désigne aucune entrée du Bundle", "the reference names no entry of the Bundle"
    ),
    "dom-3": Text(
        "la ressource contenue n'est citée nulle part", "nothing refers to this contained resource"
    ),
    "ele-1": Text("un élément vide : ni valeur ni contenu", "an empty element: neither value nor content"),
    "ext-1": Text(
        "une extension a soit une valeur, soit des extensions",
        "either a value or extensions, not both",
    ),
    "fr-core-1": Text(
        "une identité validée doit porter un INS officiel", "a validated identity must carry an official INS"
    ),
    "fr-core-2": Text(
        "une identité validée a exactement un identifiant officiel",
        "a validated identity has exactly one official identifier",
    ),
    "fr-core-3": Text(
        "le lieu de naissance d'une identité validée doit être connu",
        "the place of birth of a validated identity must be known",
    ),
    "obs-7": Text(
        "ce composant a le code de l'observation, qui a déjà une valeur",
        "this component has the code of the observation, which has a value already",
    ),
    "per-1": Text("la période finit avant de commencer", "the period ends before it starts"),
    "ref-1": Text(
        "la référence interne ne désigne aucune ressource contenue",
        "the internal reference names no contained resource",
    ),
    "rng-2": Text("la borne basse dépasse la borne haute", "the low bound is above the high one"),
    "txt-1": Text(
        "le texte doit être du XHTML simple, bien formé et sans programme",
        "the narrative must be simple, well-formed XHTML without programs",
    ),
    "txt-2": Text("le texte est vide", "the narrative is empty"),
    # French identifiers
    "nir-format": Text("un NIR a 15 caractères, clé comprise", "a NIR has 15 characters, its key included"),
    "nir-key": Text("la clé du NIR est fausse", "the key of the NIR is wrong"),
    "finess-format": Text("un FINESS a 9 caractères", "a FINESS has 9 characters"),
    "finess-key": Text("la clé du FINESS est fausse", "the key of the FINESS is wrong"),
    "siren-format": Text("un SIREN a 9 chiffres, un SIRET 14", "a SIREN has 9 digits, a SIRET 14"),
    "siren-key": Text("la clé du SIREN ou du SIRET est fausse", "the key of the SIREN or SIRET is wrong"),
    "rpps-format": Text("un RPPS a 11 chiffres", "a RPPS has 11 digits"),
    "rpps-key": Text("la clé du RPPS est fausse", "the key of the RPPS is wrong"),
    "rpps-rank-format": Text("un RPPS rang a 14 chiffres", "a RPPS rank has 14 digits"),
    "rpps-rank-key": Text("la clé du RPPS rang est fausse", "the key of the RPPS rank is wrong"),
    "idnps-format": Text("ce n'est pas la forme d'un IDNPS", "not the form of an IDNPS"),
    "idnps-key": Text("la clé du RPPS dans l'IDNPS est fausse", "the key of the RPPS in the IDNPS is wrong"),
    "idnst-format": Text("ce n'est pas la forme d'un IDNST", "not the form of an IDNST"),
    "idnst-key": Text("la clé dans l'IDNST est fausse", "the key in the IDNST is wrong"),
}
_KINDS = {
    "binding": Text("liste de codes", "code list"),
    "extension": Text("extension", "extension"),
    "invariant": Text("invariant", "invariant"),
    "package": Text("guide", "guide"),
    "profile": Text("profil", "profile"),
    "range": Text("bornes", "bounds"),
    "reference": Text("références", "references"),
    "slice": Text("tranche", "slice"),
    "type": Text("type de ressource", "resource type"),
}
_REASONS = {
    "codes-unknown": Text("ses codes ne sont pas à disposition", "its codes are not at hand"),
    "no-snapshot": Text("définition illisible ou sans snapshot", "unreadable definition, or no snapshot"),
    "no-such-resource": Text("aucune ressource de ce type", "no resource of that type"),
    "not-asked": Text("non demandé", "not asked for"),
    "not-covered": Text("type de R4 hors de la couverture", "a type of R4 that is not covered"),
    "not-evaluated": Text("le moteur FHIRPath a échoué", "the FHIRPath engine failed"),
    "not-loaded": Text("définition non chargée : donnez son guide", "not loaded: give its guide"),
    "not-programmed": Text("règle non programmée", "the rule is not programmed"),
    "out-of-reach": Text("invérifiable dans la ressource seule", "cannot be known from the resource alone"),
    "out-of-scope": Text("jamais vérifié par cet outil", "never checked by this tool"),
    "text-only": Text("texte sans code", "text without a code"),
    "undecidable": Text("rien ne distingue ses valeurs hors ligne", "nothing tells its values apart offline"),
}


def about(finding: Finding) -> Text:
    """Return what a finding says; an invariant without a sentence of its own is cited by its key."""
    rule = finding.rule
    return _RULES.get(rule) or Text(
        f"l'invariant {rule} n'est pas respecté",
        f"the invariant {rule} fails",
    )


def left_out(item: NotChecked) -> Text:
    """Return what was not checked, and why."""
    kind, reason = _KINDS[item.kind], _REASONS[item.reason]
    detail = f" ({item.detail})" if item.detail else ""
    return Text(
        f"{kind.fr} {item.where} : {reason.fr}{detail}", f"{kind.en} {item.where}: {reason.en}{detail}"
    )
