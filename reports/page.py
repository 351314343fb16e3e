"""Arranges a run document in the order in which the page tells it: counts, groups, sorts, links."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from reports.anchors import anchors
from reports.baseline import forest
from reports.layout import laid_out
from reports.plots import plot
from reports.pulling import pulled
from reports.replay import replay
from reports.scaling_page import scaling_rows
from reports.thresholds import load_outcome, threshold_outcome
from reports.words import EXPECTATIONS, OUTCOMES, words

Row = dict[str, Any]

LONGEST_BODY = 4_000


def page(run: Mapping[str, Any]) -> Row:
    """Return what the templates show beside the run document itself, which must be inert already.

    Every row is the document's own object with what the page adds: ``anchor`` (the ``id`` on the page),
    and for what it cites, pairs of a name and an anchor, None when the page does not hold it.
    """
    exchange_anchors = anchors("exchange", (exchange["id"] for exchange in run["exchanges"]))
    finding_anchors = anchors("finding", (finding["check"] for finding in run["findings"]))
    exchanges = _first(zip((exchange["id"] for exchange in run["exchanges"]), exchange_anchors, strict=True))
    checks = _first(zip((finding["check"] for finding in run["findings"]), finding_anchors, strict=True))
    findings = [
        {**finding, "anchor": anchor, "evidence": _links(finding["evidence"], exchanges)}
        for finding, anchor in zip(run["findings"], finding_anchors, strict=True)
    ]
    load = _load(run["load"])
    scaling = scaling_rows(run.get("scaling", []))
    pulls = pulled(run.get("pulls", []))
    places = {
        **{result["profile"]: result["anchor"] for result in (*load, *pulls, *scaling)},
        **checks,
    }
    return {
        "counts": _counts(findings),
        "findings": _by_gravity(findings),
        "levels": [_level(level, findings, checks) for level in run["verdict"]["levels"]],
        "priorities": [
            {**item, "anchor": places.get(item["check"])} for item in run["verdict"]["priorities"]
        ],
        "requirements": _requirements(
            run["requirements"], {finding["check"]: finding for finding in findings}
        ),
        "untested": [row for row in run["requirements"] if not row["checks"]],
        "load": load,
        "pulls": pulls,
        "scaling": scaling,
        "vendor": run.get("vendor_findings", []),
        "exchanges": [
            _exchange(exchange, anchor, run["findings"], checks)
            for exchange, anchor in zip(run["exchanges"], exchange_anchors, strict=True)
        ],
    }


def _first(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, anchor in pairs:
        found.setdefault(name, anchor)
    return found


def _links(names: Iterable[str], known: Mapping[str, str]) -> list[tuple[str, str | None]]:
    return [(name, known.get(name)) for name in names]


def _by_gravity(findings: Iterable[Row]) -> list[Row]:
    severities = tuple(words()["severity"])
    return sorted(
        findings,
        key=lambda row: (OUTCOMES.index(row["outcome"]), severities.index(row["severity"]), row["check"]),
    )


def _counts(findings: Sequence[Row]) -> list[Row]:
    return [
        {
            "outcome": outcome,
            "total": sum(finding["outcome"] == outcome for finding in findings),
            **{
                expectation: sum(
                    finding["outcome"] == outcome and finding["expectation"] == expectation
                    for finding in findings
                )
                for expectation in EXPECTATIONS
            },
        }
        for outcome in OUTCOMES
    ]


def _level(level: Mapping[str, Any], findings: Iterable[Row], checks: Mapping[str, str]) -> Row:
    probes = _by_gravity(finding for finding in findings if finding["level"] == level["level"])
    return {**level, "probes": probes, "worst_anchor": checks.get(level["worst"])}


def _requirements(rows: Sequence[Row], findings: Mapping[str, Row]) -> dict[str, list[Row]]:
    """Group by expectation the requirements that some check verifies; absent expectations left out."""
    tested = sorted(
        (
            {**row, "checks": [(check, findings.get(check)) for check in row["checks"]]}
            for row in rows
            if row["checks"]
        ),
        key=lambda row: (OUTCOMES.index(row["outcome"]), row["id"]),
    )
    groups = {name: [row for row in tested if row["expectation"] == name] for name in EXPECTATIONS}
    return {name: group for name, group in groups.items() if group}


def _load(results: Sequence[Mapping[str, Any]]) -> list[Row]:
    names = anchors("load", (result["profile"] for result in results))
    return [
        {
            **_UNSAID,
            **result,
            "anchor": anchor,
            "outcome": load_outcome(result),
            "thresholds": [
                {**threshold, "outcome": threshold_outcome(result, threshold)}
                for threshold in result["thresholds"]
            ],
            "plot": plot(result["series"], result.get("usage", ())),
            "forest": forest(result["baseline"]) if result.get("baseline") else None,
        }
        for result, anchor in zip(results, names, strict=True)
    ]


def _exchange(
    exchange: Mapping[str, Any], anchor: str, findings: Sequence[Mapping[str, Any]], checks: Mapping[str, str]
) -> Row:
    citing = [finding["check"] for finding in findings if exchange["id"] in finding["evidence"]]
    facts = json.dumps(exchange["facts"], ensure_ascii=False, indent=2, sort_keys=True)
    return {
        **exchange,
        "anchor": anchor,
        "cited_by": _links(citing, checks),
        "request": _shortened(laid_out(exchange["request_body"])),
        "response": _shortened(laid_out(exchange["response_body"])),
        "facts": _shortened(facts) if exchange["facts"] else None,
        "curl": replay(exchange),
    }


def _shortened(text: str) -> Row:
    return {"text": text[:LONGEST_BODY], "cut": max(0, len(text) - LONGEST_BODY)}


_UNSAID: dict[str, Any] = {"aborted": None, "generator": None, "notes": (), "baseline": None, "answers": None}
"""What the document of an earlier version does not say of a load."""
