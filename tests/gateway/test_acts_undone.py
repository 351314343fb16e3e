"""What an act changed elsewhere is put back once the application had time to show what it does of it."""

from lab.authserver.tokens import Tokens
from lab.fhir.request import parse
from lab.fhir.response import FhirResponse
from lab.gateway.act import GAP, PRELUDE, Act, Script, Stage

SEARCH = parse("GET", "/Patient", "_id=p1", {}, b"", base_url="http://127.0.0.1:1/fhir")
STAGE = Stage("app", Tokens(), "", SEARCH)


def ask(script, times):
    for _ in range(times):
        script.undone(STAGE)
        act = script.next(SEARCH)
        if act is not None:
            script.played(act)


def test_an_act_is_undone_after_the_gap_and_once():
    undone = []
    act = Act("a", instead=lambda _: FhirResponse(401), undo=undone.append)
    script = Script("app", [act])
    ask(script, PRELUDE + 1 + GAP)
    assert undone == []
    ask(script, 2 * GAP)
    assert undone == [STAGE]
    assert script.complete
