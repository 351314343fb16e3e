"""The next token opens less than was asked for: its reply says so, and the application makes do with it.

The token in force is revoked, so that there is a next one. Spec: RFC 6749 section 3.3
"""

from lab.authserver.conduct import Conduct
from lab.fhir.response import FhirResponse
from lab.gateway.act import Act, Stage
from lab.gateway.acts.revoked_token import revoke

_NAME = "fewer-scopes"


def _narrow(stage: Stage) -> FhirResponse:
    stage.conducts[stage.client_id] = Conduct(_NAME, fewer=True)
    return revoke(stage)


def _widen(stage: Stage) -> None:
    """Let the application have all its scopes again, by a token of its own asking."""
    stage.conducts.pop(stage.client_id, None)
    stage.tokens.revoke(stage.client_id)


ACT = Act(name=_NAME, applies=lambda _: True, instead=_narrow, undo=_widen)
