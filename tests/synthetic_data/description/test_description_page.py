"""The page is valid, self-contained, in two languages, and inert whatever the resources say."""

import base64
import hashlib
import re
from html import unescape
from html.parser import HTMLParser

import pytest
from folder_editing import changed

from synthetic_data.description.describing import describe_folder
from synthetic_data.description.page import page_of

VOID = {"meta", "input", "br", "img", "link", "hr"}
HOSTILE = (
    "</pre></title></style><script>alert(1)</script>"
    "<img src=http://evil.example/x onerror=alert(1)>\u202e&{{7*7}}"
)


class Reader(HTMLParser):
    """Note tags, ids, attributes and what is badly nested."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open, self.faults, self.ids, self.tags, self.attributes = [], [], [], set(), []
        self.feed(html)
        self.close()
        self.faults += self.open

    def handle_starttag(self, tag, attrs):
        """Open an element."""
        self.tags.add(tag)
        self.attributes += attrs
        self.ids += [value for name, value in attrs if name == "id"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):  # noqa: ARG002 - as the parser calls it
        """Refuse what HTML does not have."""
        self.faults.append(f"{tag} closes itself")

    def handle_endtag(self, tag):
        """Close an element."""
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"/{tag} at {self.getpos()}")


@pytest.fixture(scope="module")
def page(portrait) -> str:
    return page_of(portrait)


@pytest.fixture(scope="module")
def hostile(hospital_folder, tmp_path_factory) -> str:
    def poison(resource):
        if resource["resourceType"] == "Patient":
            resource["name"][0]["family"] = HOSTILE
        if resource["resourceType"] in ("Organization", "Group"):
            resource["name"] = HOSTILE
        if resource["resourceType"] == "Encounter" and "reasonCode" in resource:
            resource["reasonCode"][0]["text"] = HOSTILE
            resource.get("hospitalization", {}).get("dischargeDisposition", {})["text"] = HOSTILE
        if resource["resourceType"] == "Observation" and "valueQuantity" in resource:
            resource["code"]["text"] = resource["valueQuantity"]["unit"] = HOSTILE

    folder = changed(hospital_folder, tmp_path_factory.mktemp("hostile") / "<b>hospital", poison)
    return page_of(describe_folder(folder))


def test_tags_are_balanced_and_ids_unique(page) -> None:
    read = Reader(page)
    assert read.faults == []
    assert len(read.ids) == len(set(read.ids))
    assert {value[1:] for name, value in read.attributes if name == "href"} <= set(read.ids)
    assert {value for name, value in read.attributes if name == "aria-labelledby"} <= set(read.ids)


def test_nothing_is_loaded_or_run(page) -> None:
    read = Reader(page)
    assert not read.tags & {"script", "link", "img", "iframe", "object", "base", "form", "image", "use"}
    names = {name for name, _ in read.attributes}
    assert not names & {"src", "srcset", "style", "action"}
    assert not any(name.startswith("on") for name in names)
    assert all(value.startswith("#") for name, value in read.attributes if name == "href")
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)[1]
    assert "url(" not in style
    assert "@import" not in style
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = next(value for name, value in read.attributes if name == "content" and "default-src" in value)
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def test_both_languages(page) -> None:
    assert page.startswith("<!doctype html>")
    assert '<html lang="fr">' in page
    assert 'id="language-fr" checked' in page
    assert page.count('class="fr" lang="fr"') == page.count('class="en" lang="en"') > 100


def test_the_same_folder_gives_the_same_page(page, hospital_folder) -> None:
    assert page_of(describe_folder(hospital_folder, workers=2)) == page


def test_the_page_holds_the_numbers(page, portrait) -> None:
    text = unescape(re.sub(r"<[^>]+>", " ", page))
    for test in portrait.laboratory.tests:
        assert test.label in text
    for row in portrait.reasons.diagnoses.rows:
        assert row.label in text
    assert portrait.trajectories[0].patient in text


def test_hostile_text_is_shown_and_does_nothing(hostile) -> None:
    read = Reader(hostile)
    assert read.faults == []
    assert not read.tags & {"script", "img", "b"}
    assert "\u202e" not in hostile
    assert "[U+202E]" in hostile
    assert "{{7*7}}" in hostile
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in hostile


def contrast(one: str, other: str) -> float:
    """Relative luminances of WCAG 2.2."""

    def luminance(colour: str) -> float:
        parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("ink", ["ink", "soft", "link", "pass", "fail"])
@pytest.mark.parametrize("paper", ["paper", "panel", "stay"])
def test_contrast(page, ink, paper) -> None:
    colours = dict(re.findall(r"--([a-z]+): (#[0-9a-f]{6})", page))
    assert contrast(colours[ink], colours[paper]) >= 4.5
