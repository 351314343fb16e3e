"""The Content-Type of an answer is what Accept asked for, whatever is sent."""

from lab.sandbox.serve import main
from tests.mutants.answers import rewrite
from tests.mutants.asking import changed, header, without

KILLED_BY = "SRV-FMT-04"
FLAW = "JSON is sent as image/png when Accept asks for a picture"


def _is_of_a_picture(scope):
    return header(scope, b"accept") == b"image/png"


def _as_a_picture(answer):
    status, headers, body = answer
    kept = [pair for pair in headers if pair[0] != b"content-type"]
    return status, [*kept, (b"content-type", b"image/png")], body


def _wrap(app):
    blind = changed(app, lambda scope: without(scope, b"accept") if _is_of_a_picture(scope) else None)
    return rewrite(blind, _is_of_a_picture, _as_a_picture)


if __name__ == "__main__":
    main(wrap=_wrap)
