"""Compartment searches are served, and not confined to the cohort."""

import contextvars
import re

from lab.sandbox.serve import main
from tests.mutants.holes import widen

KILLED_BY = "L4-15"
FLAW = "Patient/[id]/[type] is searched in the whole hospital"

COMPARTMENT = re.compile(r"(/fhir)/Patient/([^/]+)/([A-Z][A-Za-z]+)")
in_compartment = contextvars.ContextVar("in_compartment", default=False)


def compartments(app):
    async def wrapped(scope, receive, send):
        match = COMPARTMENT.fullmatch(scope["path"])
        if match:
            path = f"{match[1]}/{match[3]}"
            query = f"patient={match[2]}&".encode() + scope["query_string"]
            scope = {**scope, "path": path, "raw_path": path.encode(), "query_string": query}
            in_compartment.set(True)
        await app(scope, receive, send)

    return wrapped


if __name__ == "__main__":
    widen(lambda *_: in_compartment.get())
    main(wrap=compartments)
