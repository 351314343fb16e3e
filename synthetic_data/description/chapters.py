"""The chapters of the CIM-10 (WHO, 2019 edition): which one a code belongs to."""

# Last code of each chapter, in the order of the classification.
_LAST = (
    ("I", "B99"), ("II", "D48"), ("III", "D89"), ("IV", "E90"), ("V", "F99"), ("VI", "G99"), ("VII", "H59"),
    ("VIII", "H95"), ("IX", "I99"), ("X", "J99"), ("XI", "K93"), ("XII", "L99"), ("XIII", "M99"),
    ("XIV", "N99"), ("XV", "O99"), ("XVI", "P96"), ("XVII", "Q99"), ("XVIII", "R99"), ("XIX", "T98"),
)  # fmt: skip
_EXTERNAL = (("XX", "Y98"), ("XXI", "Z99"))
UNKNOWN = "?"


def chapter_of(code: str) -> str:
    """Give the number of the chapter, `?` for what is no code of the classification."""
    category = code[:3]
    letter, digits = category[:1], category[1:]
    if not ("A" <= letter <= "Z" and len(digits) == 2 and digits[0].isdigit() and digits.isascii()):
        return UNKNOWN
    if letter == "U":  # codes for special purposes stand apart, between T and V
        return "XXII"
    chapters = _LAST if letter < "U" else _EXTERNAL
    return next((chapter for chapter, last in chapters if category <= last), UNKNOWN)
