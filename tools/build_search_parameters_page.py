"""Write docs/search-parameters.md: what the embedded server searches on, and what it leaves out and why.

Run it from the root of the repository: ``python -m tools.build_search_parameters_page``.
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from lab.fhir.search_parameters import definitions
from lab.fhirserver.storage.catalogue import BESIDE, LEFT_OUT, parameters, served_types
from lab.model.release import VERSIONS, Release

PAGE = Path(__file__).parents[1] / "docs/search-parameters.md"

_GENERATED = "## Covered\n"
"""Where the generated part starts; what stands before is written by hand."""


def page(written: str) -> str:
    """Return the page with its generated part made again."""
    kept = written.partition(_GENERATED)[0]
    of_releases = (line for release in VERSIONS for line in _of(release))
    return kept + _GENERATED + "\n".join(("", *of_releases))


def _of(release: Release) -> Iterator[str]:
    yield from _counts(release)
    yield from _left_out(release)
    yield from _by_type(release)


def _counts(release: Release) -> Iterator[str]:
    types = served_types(release)
    kinds = Counter(p.definition.type for type_ in types for p in parameters(type_, release).values())
    standard = sum(len(definitions(type_, release).keys() - BESIDE) for type_ in types)
    yield f"### FHIR {release}\n"
    served = sum(kinds.values())
    yield f"{served} of the {standard} parameters that {release} defines for the {len(types)} types"
    yield f"served: {', '.join(f'{n} {kind}' for kind, n in kinds.most_common())}.\n"


def _left_out(release: Release) -> Iterator[str]:
    yield f"#### Left out of {release}\n\n| parameter | types | it |\n|---|---|---|"
    for name, reason in sorted(LEFT_OUT[release].items()):
        type_, _, code = name.rpartition(".")
        types = sum(code in definitions(t, release) for t in served_types(release) if type_ in {"", t})
        yield f"| `{code}` | {type_ or types} | {reason} |"


def _by_type(release: Release) -> Iterator[str]:
    types = served_types(release)
    common = set.intersection(*(set(parameters(type_, release)) for type_ in types))
    listed = ", ".join(f"`{code}`" for code in sorted(common))
    yield f"\n#### {release} by type\n\nEvery type has {listed}; the table gives the others.\n"
    yield "| type | n | parameters |\n|---|---|---|"
    for type_ in types:
        codes = [code for code in parameters(type_, release) if code not in common]
        yield f"| {type_} | {len(codes)} | {', '.join(codes)} |"
    yield ""


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
