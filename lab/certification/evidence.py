"""Choose the exchanges that findings cite and shorten them for the run document."""

from collections.abc import Iterable
from dataclasses import replace

from lab.certification.folder import RunFolder
from lab.journal.journal import read_journal
from lab.model.exchange import Exchange
from lab.model.finding import Finding

MAX_BODY = 4_000


def cited(findings: Iterable[Finding], folder: RunFolder) -> tuple[Exchange, ...]:
    """Return the exchanges that are evidence of a finding, in order of id."""
    wanted = {id_ for finding in findings for id_ in finding.evidence}
    journals = (folder.application_journal, folder.laboratory_journal)
    found = (e for journal in journals if journal.exists() for e in read_journal(journal) if e.id in wanted)
    return tuple(sorted((shorten(e) for e in found), key=lambda e: e.id))


def shorten(exchange: Exchange) -> Exchange:
    """Return the exchange with bodies cut to a length that a report can show."""
    return replace(
        exchange, request_body=_cut(exchange.request_body), response_body=_cut(exchange.response_body)
    )


def _cut(text: str) -> str:
    if len(text) <= MAX_BODY:
        return text
    return f"{text[:MAX_BODY]}\n[… {len(text) - MAX_BODY} characters more in the journal]"
