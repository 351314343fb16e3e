"""How the rules of a Permission combine, given that the gateway opens only what a permit opens (deny-biased).

Without a denial, every algorithm but one gives the same decisions. With one, only those under which the
denial always holds are accepted.
Spec: XACML 3.0, appendix C, combining algorithms
"""

from collections.abc import Mapping
from typing import Any

from lab.fhir.permission.refusal import refused

FAILS_OPEN = "permit-unless-deny"
DENIAL_HOLDS = ("deny-overrides", "ordered-deny-overrides")
ACCEPTED = (*DENIAL_HOLDS, "deny-unless-permit", "permit-overrides", "ordered-permit-overrides")


def check_algorithm(source: Mapping[str, Any], where: str = "Permission") -> None:
    """Check that the algorithm is known and closes what no rule names.

    Raises:
        PermissionRefusedError: it does not.
    """
    code = source.get("combining")
    if code == FAILS_OPEN:
        raise refused(
            f"{where}.combining",
            "permit-unless-deny ouvre tout ce qu'aucune règle ne nomme : un patient sans étiquette serait "
            "servi, sans masque. Écrivez deny-unless-permit, ou deny-overrides s'il y a une règle deny.",
            "permit-unless-deny opens whatever no rule names: a patient without a label would be served, "
            "unmasked. Write deny-unless-permit, or deny-overrides when there is a deny rule.",
        )
    if code not in ACCEPTED:
        seen = ascii(code)[:60]
        raise refused(
            f"{where}.combining",
            f"attendu un de {', '.join(ACCEPTED)}, vu {seen} : corrigez.",
            f"expected one of {', '.join(ACCEPTED)}, saw {seen}: correct it.",
        )


def check_denials_hold(code: str, where: str = "Permission") -> None:
    """Check that the algorithm of rules with a denial makes it hold.

    Raises:
        PermissionRefusedError: a permit would win over the denial.
    """
    if code not in DENIAL_HOLDS:
        raise refused(
            f"{where}.combining",
            f"avec {code}, une règle permit l'emporterait sur la règle deny : écrivez deny-overrides.",
            f"under {code} a permit rule would win over the deny rule: write deny-overrides.",
        )
