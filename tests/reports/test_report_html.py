"""The page says all that the run says, in order, in both languages, and is well formed."""

import copy
import hashlib
import json
import os
import re
import subprocess
import sys
from base64 import b64encode
from html import unescape
from pathlib import Path
from typing import Any

import jinja2
import pytest
from read_page import read_page
from sample_run import full_run, hostile_run, sound_run

from lab.certification.document import validator
from reports import render_html, render_junit, write_reports
from reports.words import words

TEMPLATES = Path(sys.modules["reports"].__file__ or "").parent / "templates"


@pytest.mark.parametrize("make", [full_run, sound_run, hostile_run])
def test_samples_are_documents_of_the_published_schema(make: Any) -> None:
    assert [error.message for error in validator().iter_errors(make())] == []


@pytest.mark.parametrize("fixture", ["html", "sound_html", "hostile_html"])
def test_page_is_well_formed_with_unique_ids_and_links_that_lead_somewhere(
    fixture: str, request: pytest.FixtureRequest
) -> None:
    page = read_page(request.getfixturevalue(fixture))
    assert page.faults == []
    assert len(page.ids) == len(set(page.ids))
    assert page.links
    assert {link[:1] for link in page.links} == {"#"}
    assert {link[1:] for link in page.links} <= set(page.ids)


@pytest.mark.parametrize("fixture", ["html", "sound_html", "hostile_html"])
def test_page_loads_nothing_and_runs_nothing(fixture: str, request: pytest.FixtureRequest) -> None:
    html = request.getfixturevalue(fixture)
    page = read_page(html)
    assert page.tags.isdisjoint({"script", "img", "link", "iframe", "object", "embed", "base", "form"})
    assert not [
        name for name in page.attributes if name.startswith("on") or name in {"src", "style", "srcset"}
    ]
    assert "<script" not in html.lower()
    assert "@import" not in html
    assert "url(" not in html


def test_policy_allows_the_style_of_the_page_and_nothing_else(html: str) -> None:
    policy = unescape(re.search(r'Content-Security-Policy" content="([^"]+)"', html)[1])  # type: ignore[index]
    style = re.search(r"<style>(.*?)</style>", html, re.DOTALL)[1]  # type: ignore[index]
    digest = b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def test_sections_stand_in_the_order_of_the_design(html: str) -> None:
    wanted = ["verdict", "priorities", "levels", "requirements", "load", "vendor", "evidence", "reproduce"]
    assert re.findall(r'<section id="(\w+)">', html) == wanted


def test_every_finding_requirement_and_exchange_appears(html: str, run: dict[str, Any]) -> None:
    page = read_page(html)
    for finding in run["findings"]:
        assert f"finding-{finding['check']}" in page.ids
        for text in (finding["title"], finding["message"]):
            assert text["fr"] in page.text
            assert text["en"] in page.text
    for exchange in run["exchanges"]:
        assert f"exchange-{exchange['id']}" in page.ids
        assert exchange["url"] in page.text
    for row in run["requirements"]:
        assert row["id"] in page.text
        assert row["text"] in page.text


def test_counts_keep_shall_should_and_may_apart(html: str) -> None:
    rows = re.findall(r'<tr[^>]*><th scope="row"><span class="status (\w+)">.*?</th>(.*?)</tr>', html)
    counts = {outcome: [int(n) for n in re.findall(r'figure">(\d+)<', cells)] for outcome, cells in rows}
    assert counts == {
        "error": [1, 0, 0, 1],
        "fail": [5, 0, 0, 5],
        "skip": [3, 0, 1, 4],
        "warning": [1, 2, 0, 3],
        "pass": [23, 3, 0, 26],
        "omit": [1, 0, 2, 3],
    }


def test_findings_go_from_the_most_to_the_least_serious(html: str) -> None:
    order = re.findall(r'<details class="finding (\w+)" id="finding-([\w-]+)"', html)
    ranks = ["error", "fail", "skip", "warning", "pass", "omit"]
    assert [ranks.index(outcome) for outcome, _ in order] == sorted(
        ranks.index(outcome) for outcome, _ in order
    )
    failed = [check for outcome, check in order if outcome == "fail"]
    assert failed == ["L4-03", "L4-05", "SRV-CAP-04", "SRV-PAG-02", "SRV-SEA-02"]


def test_every_text_carries_its_language(html: str) -> None:
    page = read_page(html)
    assert page.languages == {("fr", "fr"), ("en", "en")}
    assert html.startswith('<!doctype html>\n<html lang="fr">')


def test_every_status_has_a_shape_and_a_word_in_both_languages(html: str) -> None:
    statuses = re.findall(r'<span class="status \w+">(.*?)</span></span></span>', html)
    assert len(statuses) > 40
    for status in statuses:
        assert re.match(r'<svg class="shape" aria-hidden="true"><use href="#shape-\w+"></use></svg>', status)
        assert 'lang="fr">' in status
        assert 'lang="en">' in status


def test_untested_requirements_are_listed_with_their_reason(html: str) -> None:
    text = read_page(html).text
    assert "Histories are out of scope." in text
    assert words()["requirement"]["no_reason"]["fr"] in text
    assert words()["requirement"]["not_reported"]["fr"] in text


def test_invalid_load_is_said_before_its_thresholds(html: str) -> None:
    night = html[html.index('id="load-night-batch"') : html.index('id="load-imaging-peak"')]
    assert night.index("71 %") < night.index("<table")
    assert words()["load"]["not_judged"]["fr"] in night
    assert 'class="status pass"' not in night
    assert 'class="status fail"' not in night


def test_threshold_without_sample_is_not_met_and_says_so(html: str) -> None:
    silent = html[html.index('id="load-imaging-peak"') :]
    row = silent[silent.index("<tbody>") : silent.index("</tbody>")]
    assert words()["load"]["not_met"]["fr"] in row
    assert words()["load"]["no_sample"]["fr"] in row


def test_invalid_answers_are_counted_and_named_by_element_rule_and_request(html: str) -> None:
    morning = read_page(
        html[html.index('id="load-morning-round"') : html.index('id="load-night-batch"')]
    ).text
    for said in (words()["answers"]["invalid"]["fr"], "Observation.status", "refus qui ne sont pas du FHIR"):
        assert said in morning
    assert "l'élément obligatoire est absent" in morning


def test_a_load_whose_answers_were_not_kept_says_nothing_of_them(html: str) -> None:
    assert words()["answers"]["heading"]["fr"] not in html[html.index('id="load-night-batch"') :]


def test_missing_findings_are_announced_beside_the_verdict(html: str, sound_html: str) -> None:
    warning = words()["verdict"]["missing"]["fr"]
    assert warning in html
    assert warning not in sound_html


def test_unreachable_application_is_announced_beside_the_verdict(html: str, run: dict[str, Any]) -> None:
    warning = words()["verdict"]["unreachable"]["fr"]
    assert warning not in html
    assert warning in render_html({**run, "unreachable": True})


def test_leaks_are_announced_even_when_the_run_is_invalid(run: dict[str, Any]) -> None:
    leaking = copy.deepcopy(run)
    leaking["load"][1]["leaks"] = 7
    html = render_html(leaking)
    assert words()["load"]["leaks"]["fr"] in html
    assert words()["load"]["leaks"]["fr"] not in render_html(run)


def test_same_bytes_in_another_process_zone_and_locale(run: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text(json.dumps(run))
    program = (
        "import json, pathlib, sys; from reports import write_reports\n"
        "write_reports(json.loads(pathlib.Path('run.json').read_text()), pathlib.Path('out'))\n"
        "assert not [name for name in sys.modules if name.split('.')[0] == 'lab']\n"
    )
    changed = {"PYTHONHASHSEED": "7", "TZ": "Pacific/Auckland", "LC_ALL": "C"}
    subprocess.run([sys.executable, "-c", program], cwd=tmp_path, env=os.environ | changed, check=True)
    here = write_reports(run, tmp_path / "here")
    assert [path.name for path in here] == ["report.html", "junit.xml"]
    for path in here:
        assert path.read_bytes() == (tmp_path / "out" / path.name).read_bytes()
    assert here[0].read_bytes() == render_html(run).encode()
    assert here[1].read_bytes() == render_junit(run).encode()


def test_document_that_lacks_a_field_is_refused_rather_than_shown_with_a_hole(run: dict[str, Any]) -> None:
    broken = copy.deepcopy(run)
    del broken["verdict"]["reason"]
    with pytest.raises(jinja2.UndefinedError, match="reason"):
        render_html(broken)


def test_templates_use_every_word_and_only_words_that_exist() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in sorted(TEMPLATES.glob("*.j2")))
    named = set(re.findall(r"words\.(\w+)\.(\w+)", source))
    chosen = set(re.findall(r"words\.(\w+)\[", source))
    known = {(group, name) for group, names in words().items() for name in names}
    assert named <= known
    assert {group for group, _ in known - named} <= chosen


def test_words_are_whole_in_both_languages() -> None:
    for names in words().values():
        for pair in names.values():
            assert pair.keys() == {"fr", "en"}
            assert pair["fr"].strip()
            assert pair["en"].strip()


def test_colours_of_text_are_readable() -> None:
    css = (TEMPLATES / "style.css").read_text(encoding="utf-8")
    colours = dict(re.findall(r"--(\w+): #([0-9a-f]{6});", css))
    inks = colours.keys() - {"paper", "panel", "line"}
    assert len(inks) == 9
    for ink in inks:
        for ground in ("paper", "panel"):
            assert _contrast(colours[ink], colours[ground]) >= 4.5, (ink, ground)


def test_style_needs_no_recent_selector_to_switch_language() -> None:
    assert ":has(" not in (TEMPLATES / "style.css").read_text(encoding="utf-8")


def _contrast(one: str, other: str) -> float:
    """WCAG 2.2 contrast ratio of two sRGB colours: https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio ."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    channels = (int(colour[n : n + 2], 16) / 255 for n in (0, 2, 4))
    linear = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
