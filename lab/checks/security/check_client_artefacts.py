"""What the application is delivered as holds no key.

Sources: five-levels reference, K-09; CWE-798.
"""

from lab.api import CLIENT, HIGH, Expect, Text, Truth, probe


@probe(
    "K-09",
    level=None,
    severity=HIGH,
    role=CLIENT,
    requirements=("five-levels@K-09",),
    title=Text(fr="Secrets dans les livrables", en="Secrets in artefacts"),
    failure=Text(
        fr="Ce qui est livré contient une clé ou un secret.",
        en="What is delivered holds a key or a secret.",
    ),
    remedy=Text(
        fr="Retirer la clé du livrable, la remplacer à l'hôpital, et la lire au démarrage d'un fichier ou "
        "d'un coffre propre à chaque installation.",
        en="Take the key out of the deliverable, replace it at the hospital, and read it at start from a "
        "file or a vault of each installation.",
    ),
)
def secrets_in_artefacts(truth: Truth, expect: Expect) -> None:
    """The files and folders named by client.artefacts were searched for private keys, secrets and tokens."""
    client = truth.subject.client
    if client is None or not client.artefacts:
        expect.omit(
            "Le manifeste ne déclare pas ce que l'application livre (client.artefacts).",
            "The manifest does not declare what the application is delivered as (client.artefacts).",
        )
    expect.that(
        not truth.artefacts,
        expected=f"no key in {', '.join(client.artefacts)}",
        seen="; ".join(truth.artefacts[:3]),
    )
