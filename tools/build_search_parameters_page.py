"""Write docs/search-parameters.md: what the embedded server searches on, and what it leaves out and why.

Run it from the root of the repository: ``python -m tools.build_search_parameters_page``.
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from lab.fhir.search_parameters import definitions
from lab.fhirserver.storage.catalogue import LEFT_OUT, parameters, served_types

PAGE = Path(__file__).parents[1] / "docs/search-parameters.md"

_GENERATED = "## Covered\n"
"""Where the generated part starts; what stands before is written by hand."""


def page(written: str) -> str:
    """Return the page with its generated part made again."""
    kept = written.partition(_GENERATED)[0]
    return kept + _GENERATED + "\n".join(("", *_counts(), *_left_out(), *_by_type()))


def _counts() -> Iterator[str]:
    kinds = Counter(p.definition.type for type_ in served_types() for p in parameters(type_).values())
    standard, types = sum(len(definitions(type_)) for type_ in served_types()), len(served_types())
    yield f"{sum(kinds.values())} of the {standard} parameters that R4 defines for the {types} types"
    yield f"served: {', '.join(f'{n} {kind}' for kind, n in kinds.most_common())}.\n"


def _left_out() -> Iterator[str]:
    yield "## Left out\n\n| parameter | types | it |\n|---|---|---|"
    for name, reason in sorted(LEFT_OUT.items()):
        type_, _, code = name.rpartition(".")
        types = sum(code in definitions(t) for t in served_types() if type_ in {"", t})
        yield f"| `{code}` | {type_ or types} | {reason} |"


def _by_type() -> Iterator[str]:
    common = set.intersection(*(set(parameters(type_)) for type_ in served_types()))
    listed = ", ".join(f"`{code}`" for code in sorted(common))
    yield f"\n## By type\n\nEvery type has {listed}; the table gives the others.\n"
    yield "| type | n | parameters |\n|---|---|---|"
    for type_ in served_types():
        codes = [code for code in parameters(type_) if code not in common]
        yield f"| {type_} | {len(codes)} | {', '.join(codes)} |"
    yield ""


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
