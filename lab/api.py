"""All that an author of checks or scenarios may import.

A check is a function that asks for what it needs by the names of its parameters:

- ``expect``: says what was expected and what was seen (:class:`lab.checking.expect.Expect`);
- ``fhir``, ``restricted``, ``anonymous``, ``stranger``: the application as a server, called by its full
  identity, by its restricted one, without a token, and from an address that it refuses;
- ``grant``, ``grant_stranger``, ``hospital``: the hospital's gateway, called in the name of the application
  as a client, the same from a refused address, and the backend behind it (the source of truth);
- ``smart``: the token endpoint that issued the tokens of the application as a client;
- ``journal``: the exchanges of the application as a client, in order;
- ``answered``: what the application has answered, as a server, to the checks that came before;
- ``truth``: the manifest and the answer key; ``compile_permission`` reads the Permission of its client;
- ``cohort``: patients inside and outside the cohort of the restricted identity, found on the application;
- ``other``, ``research``, ``contact``: the application called by its other confined identities, ``scoped``
  the restricted one with narrower scopes, ``endpoint`` the application's own token endpoint;
- ``rsa_endpoint``: that token endpoint asked by assertions that are signed RS384, the others being ES384;
- ``own_endpoint``: that token endpoint, or None when the application has none that takes signed assertions;
- ``spare``: that token endpoint asked as a client that may get locked out, or None without such a client;
- ``lookout``: whom the application calls, and what it writes of requests to its output;
- ``twins``: the restricted identity at two instances that differ only in what it must not see.

A probe that cannot show something says so by ``expect.skip``, one that does not apply by ``expect.omit``.
"""

from lab.checking.canary import COHORT, CONTACT, OPPOSED, OTHER, Canary
from lab.checking.cohort import Cohort
from lab.checking.declare import check, probe
from lab.checking.expect import Expect, status_of
from lab.checking.lookout import Lookout
from lab.checking.narrowing import Narrowed, narrowed
from lab.checking.neighbour import NEIGHBOUR_ADDRESS
from lab.checking.smart import SmartEndpoint
from lab.checking.truth import Truth
from lab.checking.twins import Answers, Twins, difference
from lab.fhir.client import MAX_PAGES, FhirClient, Outgoing, no_token
from lab.fhir.cohort import Cohort as TypeCohort
from lab.fhir.compartments import compartment
from lab.fhir.element_path import ElementPath, parse_path
from lab.fhir.interaction import Interaction
from lab.fhir.permission import compile_permission
from lab.fhir.policy import Policy, PolicyError
from lab.fhir.reply import Reply
from lab.fhir.scopes import Scopes, parse_scopes
from lab.model.exchange import Exchange
from lab.model.loopback import is_loopback
from lab.model.platform import Platform
from lab.model.text import Text
from lab.model.words import Expectation, Role, Severity
from lab.validation import defects
from lab.validation.check import check as validate
from lab.validation.sentences import left_out
from lab.validation.tally import Tally

MAY, SHALL, SHOULD = Expectation.MAY, Expectation.SHALL, Expectation.SHOULD
CRITICAL, HIGH, MEDIUM, LOW = Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM, Severity.LOW
CLIENT, SERVER = Role.CLIENT, Role.SERVER

__all__ = [
    "CLIENT",
    "COHORT",
    "CONTACT",
    "CRITICAL",
    "HIGH",
    "LOW",
    "MAX_PAGES",
    "MAY",
    "MEDIUM",
    "NEIGHBOUR_ADDRESS",
    "OPPOSED",
    "OTHER",
    "SERVER",
    "SHALL",
    "SHOULD",
    "Answers",
    "Canary",
    "Cohort",
    "ElementPath",
    "Exchange",
    "Expect",
    "FhirClient",
    "Interaction",
    "Lookout",
    "Narrowed",
    "Outgoing",
    "Platform",
    "Policy",
    "PolicyError",
    "Reply",
    "Scopes",
    "SmartEndpoint",
    "Tally",
    "Text",
    "Truth",
    "Twins",
    "TypeCohort",
    "check",
    "compartment",
    "compile_permission",
    "defects",
    "difference",
    "is_loopback",
    "left_out",
    "narrowed",
    "no_token",
    "parse_path",
    "parse_scopes",
    "probe",
    "status_of",
    "validate",
]
