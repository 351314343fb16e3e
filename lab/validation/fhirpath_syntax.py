"""Tell whether a text is one whole FHIRPath expression: the engine reads past mistakes and guesses the rest.

Spec: https://hl7.org/fhirpath/N1/grammar.html
"""

from typing import Any, NoReturn

from antlr4 import CommonTokenStream, InputStream  # type: ignore[import-untyped]
from antlr4.error.ErrorListener import ErrorListener  # type: ignore[import-untyped]
from fhirpathpy.parser.generated.FHIRPathLexer import FHIRPathLexer
from fhirpathpy.parser.generated.FHIRPathParser import FHIRPathParser


class _Strict(ErrorListener):  # type: ignore[misc]
    def syntaxError(self, *_: Any) -> NoReturn:  # noqa: N802 - the name that the parser calls
        raise SyntaxError


def is_expression(text: str) -> bool:
    """Return whether the text is an expression from its first character to its last."""
    lexer = FHIRPathLexer(InputStream(text))
    parser = FHIRPathParser(CommonTokenStream(lexer))
    for reader in (lexer, parser):
        reader.removeErrorListeners()
        reader.addErrorListener(_Strict())
    try:
        parser.entireExpression()  # type: ignore[no-untyped-call]
    except SyntaxError:
        return False
    return True
