"""Text chosen by an application under test can neither act nor deceive."""

from typing import Any

import pytest
from read_page import read_page
from sample_run import HOSTILE, full_run, hostile_run

from reports import render_html, render_junit
from reports.anchors import anchors
from reports.inert import LONGEST, inert


def test_hostile_text_adds_no_tag_and_no_attribute(html: str, hostile_html: str) -> None:
    hostile, plain = read_page(hostile_html), read_page(html)
    assert hostile.tags == plain.tags
    assert hostile.attributes == plain.attributes
    assert hostile_html.count("<style") == hostile_html.count("</style") == 1


def test_hostile_text_is_still_there_to_read(hostile_html: str) -> None:
    text = read_page(hostile_html).text
    assert "<script>document.title='owned'</script></style>" in text
    assert "[U+202E]gnp.exe[U+2069][U+200B][U+D800][U+FFFF]" in text
    assert "{{ 7*7 }}" in text


def test_reports_hold_no_invisible_character(hostile_html: str) -> None:
    for report in (hostile_html, render_junit(hostile_run())):
        assert not set(report) & set("\x00\x07\x1b\u202e\u2069\u200b\ud800\uffff")
        assert report.encode()


def test_huge_text_is_bounded() -> None:
    run = full_run()
    plain = len(render_html(run))
    run["exchanges"][0]["response_body"] = "[" * 5_000_000
    run["exchanges"][0]["request_headers"].append(["X-Long", "y" * 5_000_000])
    run["findings"][0]["message"] = {"fr": "z" * 5_000_000, "en": "z" * 5_000_000}
    assert len(render_html(run)) - plain < 250_000


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("a\tb\nc", "a\tb\nc"),
        ("a\r\nb", "a[U+000D]\nb"),
        ("é œ 日本 مرحبا", "é œ 日本 مرحبا"),
        ({"k\x00": ["\u200f", 1, None, True, 2.5]}, {"k[U+0000]": ["[U+200F]", 1, None, True, 2.5]}),
        ("\U000e0041", "[U+E0041]"),
    ],
)
def test_only_what_deceives_is_replaced(value: Any, shown: Any) -> None:
    assert inert(value) == shown


def test_long_and_deep_values_say_what_was_cut() -> None:
    assert inert("x" * (LONGEST + 12)).endswith("x [… +12]")
    deep: Any = "bottom"
    for _ in range(60):
        deep = [deep]
    assert "…" in str(inert(deep))
    assert "bottom" not in str(inert(deep))


def test_anchors_are_unique_whatever_the_names() -> None:
    names = ["a", "a", "a-2", "a b", "a_b", HOSTILE, HOSTILE + "x" * 200, ""]
    given = anchors("f", names)
    assert len(given) == len(set(given)) == len(names)
    assert all(
        set(anchor) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")
        for anchor in given
    )
