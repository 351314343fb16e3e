"""SRV-PLT: whether a server offers what the hospital's platform asks of the types that it exposes.

What is asked is data: lab/requirements/platforms, or a file of the hospital (``server.platform``).
"""

from lab.api import SHALL, Expect, FhirClient, Platform, Text, Truth, check, validate
from lab.checks.sample import matches
from lab.checks.statement import Statement, statement

OK = 200
PAGE, MOST_NAMED = 10, 5


@check(
    "SRV-PLT-01",
    expectation=SHALL,
    requirements=("laboratory@platform-interactions",),
    title=Text(
        fr="Interactions et recherches de la plateforme", en="Interactions and searches of the platform"
    ),
    failure=Text(
        fr="Le serveur n'offre pas ce que la plateforme demande d'un type qu'il expose.",
        en="The server does not offer what the platform asks of a type that it exposes.",
    ),
    remedy=Text(
        fr="Offrir et déclarer les interactions et les paramètres que la plateforme demande de ce type.",
        en="Offer and declare the interactions and parameters that the platform asks of that type.",
    ),
)
def offers_what_is_asked(fhir: FhirClient, expect: Expect, truth: Truth) -> None:
    """Compare what is declared of each type with what is asked; SRV-CAP-04 and 05 show that it works."""
    platform, said = _asked(fhir, expect, truth)
    missing: list[str] = []
    for type_, asked in platform.resources.items():
        declared = said.types.get(type_)
        if declared is None:
            continue
        missing += [f"{type_} {one}" for one in asked.interactions if one not in declared.interactions]
        missing += [f"{type_}?{one}" for one in asked.parameters if one not in declared.parameters]
    more = f" and {len(missing) - MOST_NAMED} more" if len(missing) > MOST_NAMED else ""
    expect.that(
        not missing,
        expected=f"what {platform.name} asks",
        seen=f"not declared: {', '.join(missing[:MOST_NAMED])}{more}",
        evidence=[said.reply],
    )


@check(
    "SRV-PLT-02",
    expectation=SHALL,
    requirements=("laboratory@platform-profiles",),
    title=Text(fr="Profils de la plateforme", en="Profiles of the platform"),
    failure=Text(
        fr="Une ressource ne suit pas le profil que la plateforme demande de son type.",
        en="A resource does not follow the profile that the platform asks of its type.",
    ),
    remedy=Text(
        fr="Corriger l'élément cité ; `lab validate FICHIER --profile URL` montre tous les défauts.",
        en="Correct the element named; `lab validate FILE --profile URL` shows every defect.",
    ),
)
def follows_the_profiles(fhir: FhirClient, expect: Expect, truth: Truth) -> None:
    """Validate a page of each type against R4, the profiles asked and those that it claims."""
    platform, said = _asked(fhir, expect, truth)
    validated = 0
    for type_, asked in platform.resources.items():
        if not asked.profiles or type_ not in said.types:
            continue
        page = fhir.search(type_, _count=PAGE)
        if page.status != OK:
            continue
        for resource in matches(page, type_)[:PAGE]:
            validated += 1
            errors = validate(resource, claims=asked.profiles).errors
            seen = f"{errors[0].path} ({errors[0].rule})" if errors else ""
            expect.that(not errors, expected=f"a {type_} of the profile", seen=seen, evidence=[page])
    if not validated:
        expect.skip(
            "Aucune ressource des types profilés par la plateforme n'a pu être lue.",
            "No resource of the types that the platform profiles could be read.",
        )


def _asked(fhir: FhirClient, expect: Expect, truth: Truth) -> tuple[Platform, Statement]:
    """Return the platform and what the server declares; omit the check where they have nothing in common."""
    server = truth.subject.server
    platform = server.platform if server else None
    if platform is None:
        expect.omit(
            "Le manifeste ne nomme aucune plateforme (server.platform).",
            "The manifest names no platform (server.platform).",
        )
    said = statement(fhir)
    if not said.types.keys() & platform.resources.keys():
        expect.name(said.reply)
        expect.omit(
            f"Le serveur n'expose aucun des types que lit la plateforme {platform.name}.",
            f"The server exposes none of the types that the platform {platform.name} reads.",
        )
    return platform, said
