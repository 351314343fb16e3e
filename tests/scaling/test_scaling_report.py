"""The scalability result in the run document, its verdict and its page, in both languages."""

import re

import pytest
from synthetic_cells import PLAN, cells, contended

from lab.certification.document import document, read, write
from lab.certification.growth import promise
from lab.certification.policy import judge as verdict_of
from lab.model.run import Reproduce, Run, Subject
from lab.model.words import Role, Suite
from lab.scaling.judge import judge
from reports import render_html

LOAD = frozenset({Suite.LOAD})


def run_of(*results):
    """Return the run whose scalability results these are."""
    verdict = verdict_of([], [promise(one) for one in results], planned=0, suites=LOAD, asked=LOAD)
    return Run(
        id="20260101T000000Z-oracle",
        started="2026-01-01T00:00:00+00:00",
        duration_s=1.0,
        tool_version="1",
        subject=Subject("Oracle", "Growing", "1", (Role.SERVER,)),
        seed=1,
        patients=2000,
        suites=("load",),
        verdict=verdict,
        findings=(),
        load=(),
        requirements=(),
        exchanges=(),
        planned=0,
        reported=0,
        unreachable=False,
        reproduce=Reproduce("lab load scale app.toml", {}, {}),
        scaling=results,
    )


@pytest.mark.parametrize(
    ("law", "flaws", "status"),
    [
        (contended, {}, "conforms"),
        (lambda size, _: (size / 100) ** 2, {}, "does_not_conform"),
        (lambda size, _: 2 ** (size / 260), {}, "does_not_conform"),
        (lambda size, _: size**1.1 / 50, {"seed": 3}, "incomplete"),
        (contended, {"cpu": lambda _: 0.9}, "incomplete"),
    ],
)
def test_the_verdict_follows_and_the_document_is_of_its_schema(tmp_path, law, flaws, status):
    run = run_of(judge(PLAN, cells(law, **flaws)))
    assert run.verdict.status == status
    written = write(run, tmp_path / "run.json")
    assert read(tmp_path / "run.json") == written
    assert 'id="scaling"' in render_html(written)


def test_the_page_tells_both_laws_in_both_languages():
    html = render_html(document(run_of(judge(PLAN, cells(contended)))))
    section = html[html.index('<section id="scaling"') :]
    section = section[: section.index("</section>")]
    for words in ("linéaire", "linear", "Contention s", "Latence selon la taille", "Latency by size"):
        assert words in section
    assert section.count("<svg viewBox") == 2  # one for each language
    assert section.count('class="dot"') == 2 * (len(PLAN.sizes) + len(PLAN.concurrencies))
    assert section.count('class="band"') == 4
    assert section.count('class="line ideal"') == 2
    assert 'href="#scaling"' in html


def test_every_point_is_inside_its_drawing():
    for law in (contended, lambda size, _: 2 ** (size / 260), lambda _size, _: 0.05):
        html = render_html(document(run_of(judge(PLAN, cells(law)))))
        for x, y in re.findall(r'class="dot" cx="([\d.-]+)" cy="([\d.-]+)"', html):
            assert 62 <= float(x) <= 830
            assert 44 <= float(y) <= 266


def test_a_run_without_growth_says_nothing_of_it():
    html = render_html(document(run_of()))
    assert 'id="scaling"' not in html
    assert 'href="#scaling"' not in html


def test_an_invalid_measurement_says_why_before_its_figures():
    html = render_html(document(run_of(judge(PLAN, cells(contended, cpu=lambda _: 0.9)))))
    section = html[html.index('<section id="scaling"') :]
    assert section.index("90 % of its core") < section.index("<table")
