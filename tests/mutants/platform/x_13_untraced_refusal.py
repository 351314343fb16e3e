"""What the level of resource types refuses leaves no line in the audit."""

from lab.gateway import application
from lab.sandbox.serve import main

KILLED_BY = "X-13"
FLAW = "refusals by resource type are not audited"

sound = application.trace


def trace(trail, redactor, http, passage, base_url, *, laboratory):
    decision = passage.decision
    if decision is not None and decision.level == 3 and not decision.allow:
        return passage.answer
    return sound(trail, redactor, http, passage, base_url, laboratory=laboratory)


if __name__ == "__main__":
    application.trace = trace
    main()
