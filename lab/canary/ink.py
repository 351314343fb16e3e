"""Values that stand nowhere else: words, numbers and dates drawn from where they are written.

What is hidden from the restricted identity is drawn anew for the second world; what it sees is not.
INS: test OID, https://hl7.fr/ig/fhir/core (slice INS-NIR-TEST).
"""

import hashlib
from dataclasses import dataclass, field
from datetime import date, timedelta

from lab.fhir.element_path import ElementPath

INS_TEST = "urn:oid:1.2.250.1.213.1.4.10"
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_FIRST_DAY = date(1931, 1, 1)


@dataclass
class Ink:
    """``side`` is the world that is drawn, ``masks`` what the restricted identity must not see.

    ``markers`` fills up while the world is drawn.
    """

    seed: int
    side: str
    masks: tuple[ElementPath, ...]
    markers: dict[str, str] = field(default_factory=dict)

    def masked(self, type_: str, element: str, system: str = "") -> bool:
        """Tell whether the restricted identity must not see an element, or an identifier of a system."""
        return any(
            mask.overlaps(type_, (element,)) and (not mask.systems or system in mask.systems)
            for mask in self.masks
        )

    def word(self, name: str, element: str, *, hidden: bool) -> str:
        """Return a word of 6 to 14 letters; its length is drawn too."""
        digest = self._digest(name, element, hidden=hidden)
        letters = "".join(_LETTERS[byte % 26] for byte in digest[1 : 7 + digest[0] % 9])
        return self._marked(letters.capitalize(), name, element)

    def phone(self, name: str, element: str, *, hidden: bool) -> str:
        """Return a telephone number of the block that France keeps for fiction (02 61 91 ...)."""
        number = int.from_bytes(self._digest(name, element, hidden=hidden)[:4]) % 10_000
        return self._marked(f"026191{number:04}", name, element)

    def day(self, name: str, element: str, *, hidden: bool) -> str:
        """Return a date of birth."""
        days = int.from_bytes(self._digest(name, element, hidden=hidden)[:4]) % 25_000
        return self._marked((_FIRST_DAY + timedelta(days=days)).isoformat(), name, element)

    def number(self, name: str, element: str, *, hidden: bool) -> str:
        """Return a national number of 15 digits with its right key; Corsica and overseas are left out."""
        digest = int.from_bytes(self._digest(name, element, hidden=hidden)[:8])
        born, place = f"{1 + digest % 2}{digest % 100:02}{1 + digest % 12:02}", f"31{digest % 900 + 100:03}"
        digits = f"{born}{place}{digest % 990 + 1:03}"
        return self._marked(f"{digits}{97 - int(digits) % 97:02}", name, element)

    def _digest(self, name: str, element: str, *, hidden: bool) -> bytes:
        side = self.side if hidden else "both"
        return hashlib.sha256(f"{self.seed}/{side}/{name}/{element}".encode()).digest()

    def _marked(self, value: str, name: str, element: str) -> str:
        self.markers[value] = f"{name} {element}"
        return value
