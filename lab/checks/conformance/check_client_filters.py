"""CLI-SRC-10: the application notices that the server did not use one of its filters.

Spec: https://hl7.org/fhir/R4/search.html#conformance (applications SHALL check where necessary)
"""

from collections.abc import Sequence

from lab.api import SHOULD, Exchange, Expect, Lookout, Text, Truth, check
from lab.checks.traffic import after, fhir_requests, played

_ACT = "ignored-parameter"


@check(
    "CLI-SRC-10",
    expectation=SHOULD,
    act=_ACT,
    requirements=("fhir-r4-client@search-self",),
    title=Text(fr="Remarque un paramètre ignoré", en="Ignored parameters noticed"),
    failure=Text(
        fr="Rien ne montre que l'application a remarqué que l'un de ses filtres n'a pas servi.",
        en="Nothing shows that the application noticed that one of its filters was not used.",
    ),
    remedy=Text(
        fr="Comparer le lien self de la réponse à la demande ; si un filtre y manque, l'appliquer soi-même "
        "aux résultats et le nommer dans le journal de l'application.",
        en="Compare the self link of the answer with the request; when a filter is missing there, apply it "
        "to the results oneself and name it in the log of the application.",
    ),
)
def ignored_parameters(journal: Sequence[Exchange], lookout: Lookout, expect: Expect, truth: Truth) -> None:
    """The output of the application names the filter that the self link no longer repeats."""
    searched = played(journal, _ACT, expect)[-1]
    name = str(searched.facts.get("about", ""))
    if not name or not after(fhir_requests(journal, truth, expect), searched):
        expect.skip("L'observation s'est arrêtée sur cette réponse.", "The watch ended on that answer.")
    reply = lookout.output(name)
    said = reply.json if isinstance(reply.json, dict) else {}
    if not said.get("captured"):
        expect.name(searched.id, reply)
        expect.skip(
            "Ce que l'application écrit n'est pas vu : il faut que le laboratoire la démarre.",
            "What the application writes in its log is not seen: the laboratory must start it.",
        )
    lines = said.get("lines")
    # A line that only repeats the URL of the search says nothing about the answer.
    named = [line for line in lines if f"{name}=" not in str(line)] if isinstance(lines, list) else []
    expect.that(
        bool(named),
        expected=f"{name} named as ignored in the log of the application",
        seen="not named",
        evidence=[searched.id, reply],
    )
