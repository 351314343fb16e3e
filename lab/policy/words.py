"""The words for what a policy is made of: interactions, purposes, pools, networks, elements.

Specs: https://hl7.org/fhir/R4/http.html, code system v3-ActReason (value set PurposeOfUse)
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from lab.fhir.cohort import Cohort
from lab.fhir.element_path import ElementPath
from lab.fhir.interaction import Interaction
from lab.model.text import Text

INTERACTIONS: Mapping[Interaction, Text] = MappingProxyType(
    {
        Interaction.CAPABILITIES: Text("lire les capacités du serveur", "read what the server can do"),
        Interaction.READ: Text("lire", "read"),
        Interaction.VREAD: Text("lire une version", "read a version"),
        Interaction.HISTORY_INSTANCE: Text(
            "lire l'historique d'une ressource", "read the history of a resource"
        ),
        Interaction.HISTORY_TYPE: Text("lire l'historique du type", "read the history of the type"),
        Interaction.HISTORY_SYSTEM: Text("lire l'historique du serveur", "read the history of the server"),
        Interaction.SEARCH_TYPE: Text("chercher", "search"),
        Interaction.SEARCH_SYSTEM: Text("chercher dans tous les types", "search all types"),
        Interaction.CREATE: Text("créer", "create"),
        Interaction.UPDATE: Text("modifier", "update"),
        Interaction.PATCH: Text("modifier en partie", "patch"),
        Interaction.DELETE: Text("supprimer", "delete"),
        Interaction.BATCH: Text("envoyer un lot", "send a batch"),
        Interaction.TRANSACTION: Text("envoyer une transaction", "send a transaction"),
        Interaction.OPERATION: Text("lancer une opération", "run an operation"),
    }
)
PURPOSES: Mapping[str, Text] = MappingProxyType(
    {
        "TREAT": Text("les soins", "treatment"),
        "ETREAT": Text("les soins d'urgence", "emergency treatment"),
        "BTG": Text("l'accès d'urgence exceptionnel (bris de glace)", "break the glass"),
        "CAREMGT": Text("la coordination des soins", "care management"),
        "COC": Text("la continuité des soins", "coordination of care"),
        "HOPERAT": Text("le fonctionnement de l'établissement", "healthcare operations"),
        "PATADMIN": Text("l'administration des patients", "patient administration"),
        "HPAYMT": Text("la facturation", "payment"),
        "HQUALIMP": Text("l'amélioration de la qualité", "quality improvement"),
        "PATSFTY": Text("la sécurité des patients", "patient safety"),
        "HRESCH": Text("la recherche", "research"),
        "CLINTRCH": Text("la recherche clinique", "clinical trial research"),
        "PUBHLTH": Text("la santé publique", "public health"),
        "PATRQT": Text("la demande du patient", "patient requested"),
        "TRAIN": Text("la formation", "training"),
        "HTEST": Text("les essais techniques", "test health data"),
    }
)
PURPOSE_CODES = frozenset(
    (
        *("BIORCH", "BTG", "CAREMGT", "CLINTRCH", "CLINTRCHNPC", "CLINTRCHPC", "CLINTRL", "CLMATTCH"),
        *("COC", "COVAUTH", "COVERAGE", "DISASTER", "DONAT", "DSRCH", "ELIGDTRM", "ELIGVER"),
        *("ENROLLM", "ERTREAT", "ETREAT", "FAMRQT", "FRAUD", "GOV", "HACCRED", "HCOMPL"),
        *("HDECD", "HDIRECT", "HDM", "HLEGAL", "HMARKT", "HOPERAT", "HOUTCOMS", "HPAYMT"),
        *("HPRGRP", "HQUALIMP", "HRESCH", "HSYSADMIN", "HTEST", "LABELING", "MEMADMIN", "METAMGT"),
        *("MILCDM", "MILDCRG", "PATADMIN", "PATRQT", "PATSFTY", "PERFMSR", "POARCH", "POPHLTH"),
        *("PRECLINTRCH", "PUBHLTH", "PWATRNY", "RECORDMGT", "REMITADV", "SUPNWK", "SYSDEV", "THREAT"),
        *("TRAIN", "TRANSRCH", "TREAT"),
    )
)
"""The codes of the value set PurposeOfUse."""

EVERY = Text("toutes les ressources", "all resources")


def interaction(one: Interaction) -> Text:
    """Return an interaction in words, with its code."""
    word = INTERACTIONS[one]
    return Text(f"{word.fr} ({one})", f"{word.en} ({one})")


def purpose(code: str) -> Text:
    """Return a purpose of use in words, with its code."""
    word = PURPOSES.get(code)
    return Text(f"{word.fr} ({code})", f"{word.en} ({code})") if word else Text(code, code)


def listed(words: Iterable[Text], fr: str, en: str) -> Text:
    """Return words one after the other, the last one after ``fr`` or ``en`` (et, and)."""
    found = list(words)
    return Text(_joined([word.fr for word in found], fr), _joined([word.en for word in found], en))


def pool(name: str) -> Text:
    """Return what is in a pool, in words."""
    kind, _, rest = name.partition("/")
    if kind == "tag":
        system, _, code = rest.rpartition("|")
        return Text(
            f"ce qui porte l'étiquette {code} ({system})", f"what carries the label {code} ({system})"
        )
    names = {"Group": Text("du groupe", "of the group"), "List": Text("de la liste", "of the list")}
    word = names[kind]
    return Text(
        f"ce qui concerne les patients {word.fr} {rest}", f"what is about the patients {word.en} {rest}"
    )


def cohort(one: Cohort) -> Text:
    """Return which resources a cohort holds, in words."""
    clauses = [listed(map(pool, sorted(clause)), "ou", "or") for clause in one.within]
    for queries in one.queries:
        met = " ou ".join(sorted(queries)), " or ".join(sorted(queries))
        clauses.append(Text(f"ce que trouve {met[0]} (scope)", f"what {met[1]} finds (scope)"))
    inside = listed(clauses, "et à la fois", "and at once") if clauses else EVERY
    if not one.without:
        return inside
    out = listed(map(pool, sorted(one.without)), "et", "and")
    return Text(f"{inside.fr}, sauf {out.fr}", f"{inside.en}, except {out.en}")


def element(path: ElementPath) -> Text:
    """Return a masked path in words: the path itself, and the systems that it chooses."""
    if not path.systems:
        return Text(str(path), str(path))
    systems = ", ".join(sorted(path.systems, key=lambda system: (len(system), system)))
    return Text(f"{path}, seulement system {systems}", f"{path}, only system {systems}")


def _joined(words: list[str], last: str) -> str:
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"
