"""Tokens live one minute from now on, for a while: they are kept until near their end all the same.

The token in force is revoked, so that there is a next one. Spec: RFC 6749 section 5.1 (expires_in)
"""

from lab.authserver.conduct import Conduct
from lab.fhir.response import FhirResponse
from lab.gateway.act import Act, Stage
from lab.gateway.acts.revoked_token import revoke

_NAME = "short-token"
LIFETIME_S = 60


def _shorten(stage: Stage) -> FhirResponse:
    stage.conducts[stage.client_id] = Conduct(_NAME, lifetime_s=LIFETIME_S)
    return revoke(stage)


def _lengthen(stage: Stage) -> None:
    stage.conducts.pop(stage.client_id, None)


ACT = Act(name=_NAME, applies=lambda _: True, instead=_shorten, undo=_lengthen)
