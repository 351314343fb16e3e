"""An error shows where in the program it happened."""

from lab.fhir import response
from lab.sandbox.serve import main

KILLED_BY = "SRV-ERR-02"
FLAW = "diagnostics hold a stack trace"

TRACE = 'Traceback (most recent call last): File "/usr/lib/server/search.py", line 12, in search: '
_sound = response.FhirError.__init__


def _told(self, status, code, diagnostics, *more, **named):
    _sound(self, status, code, TRACE + diagnostics, *more, **named)


if __name__ == "__main__":
    response.FhirError.__init__ = _told
    main()
