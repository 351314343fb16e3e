"""The rules and reasons that the gateway writes in its journal, in French too.

Each row is what a reason looks like and how it is said; a test finds the reason that has no row.
"""

import re

from lab.model.text import Text

_ROWS: tuple[tuple[str, str], ...] = (
    ("network", "réseau"),
    ("network (.+)", r"réseau \1"),
    ("mask on (.+)", r"masque sur \1"),
    (r"(\d+) masks", r"\1 masques"),
    ("peer inside", "l'adresse est dans un réseau ouvert"),
    ("peer outside every allowed network", "l'adresse n'est dans aucun réseau ouvert"),
    ("the peer has no address, or its proxy does not tell it", "l'adresse est inconnue, ou illisible"),
    ("token in force", "jeton en vigueur"),
    ("not active, or outside its validity", "la Permission n'est pas active, ou pas valable à cette date"),
    ("decided entry by entry or public", "public, ou décidé entrée par entrée"),
    ("an interaction that no policy opens", "une interaction qu'aucune politique n'ouvre"),
    ("conditional writes are not opened by any policy", "aucune politique n'ouvre d'écriture conditionnelle"),
    ("no scope for (.+) on (.+)", r"aucun scope pour \1 sur \2"),
    ("a granular scope does not open (.+) on (.+)", r"un scope restreint n'ouvre pas \1 sur \2"),
    ("no rule for (.+) on (.+)", r"aucune règle de la Permission pour \1 sur \2"),
    ("scope and rule", "le scope et une règle l'ouvrent"),
    ("an operation that no policy opens", "une opération qu'aucune politique n'ouvre"),
    ("no scope or no rule for (.+) on (.+)", r"pas de scope ou pas de règle pour \1 sur \2"),
    (
        "(.+) is asked for a type that is not open to it",
        r"\1 est demandée sur un type qui n'est pas ouvert",
    ),
    ("scope and rule for (.+)", r"le scope et une règle ouvrent \1"),
    ("evaluated on the view", "évaluée sur la cohorte"),
    ("the parameter (.+) reads a masked element", r"le paramètre \1 lit un élément caché"),
    ("(.+) reads a masked element by (.+)", r"\1 lit un élément caché, par \2"),
    ("applied to the answer", "appliqués à la réponse"),
    (
        "the times of versions tell of hidden changes",
        "les dates des versions diraient des changements cachés",
    ),
    (
        "in a transaction nothing is written by version",
        "dans une transaction, qui a des masques n'écrit pas par version",
    ),
    (
        "a patch tests and moves what the answer would hide",
        "un patch teste et déplace ce que la réponse cacherait",
    ),
    (
        "a validation tells which masked elements are there",
        "une validation dit quels éléments cachés sont présents",
    ),
)


def in_both(reason: str) -> Text:
    """Return a rule or a reason in both languages; one without a row stays as the journal has it."""
    for pattern, french in _ROWS:
        if match := re.fullmatch(pattern, reason):
            return Text(match.expand(french), reason)
    return Text(reason, reason)
