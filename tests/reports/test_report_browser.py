"""A real browser shows French first, English on demand, every fold in print, and lets nothing hostile act."""

import json
import os
import re
import shutil
import signal
import subprocess
import threading
from functools import partial
from html import unescape
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--virtual-time-budget=15000",
    "--dump-dom",
)

pytestmark = pytest.mark.slow

# The pages are looked at from outside, through frames of the same origin: they hold no script of ours.
WRAPPER = """<!doctype html><body><script>
const open = (name, width) => new Promise(done => {
  const frame = document.createElement("iframe");
  frame.width = width; frame.height = 900;
  frame.onload = () => done(frame.contentWindow);
  frame.src = name;
  document.body.append(frame);
});
const shown = element => element.checkVisibility() && element.getClientRects().length > 0;
const count = (view, selector) => [...view.document.querySelectorAll(selector)].filter(shown).length;
const heading = view => view.document.querySelector("h1").innerText;
const languages = view => ({fr: count(view, ".sheet .fr"), en: count(view, ".sheet .en"), h1: heading(view)});
const overflow = view => view.document.documentElement.scrollWidth - view.innerWidth;
(async () => {
  const seen = {};
  const report = await open("report.html", 1280);
  seen.first = languages(report);
  report.document.querySelector("label[for=language-en]").click();
  seen.english = languages(report);
  report.document.querySelector("label[for=language-fr]").click();
  seen.french = languages(report);
  const body = report.document.querySelector("#exchange-x8 pre");
  seen.folded = shown(body);
  report.location.hash = "#exchange-x8";
  await new Promise(requestAnimationFrame);
  seen.unfolded = shown(body);
  seen.font = report.getComputedStyle(report.document.querySelector("h1")).fontFamily;
  const printed = await open("printed.html", 700);
  const folds = [...printed.document.querySelectorAll("details:not([open])")];
  seen.folds = folds.length;
  seen.hidden_in_print = folds.filter(fold => !shown(fold.lastElementChild)).length;
  const hostile = await open("hostile.html", 1280);
  seen.hostile = {
    ...languages(hostile), title: hostile.document.title, overflow: overflow(hostile),
    active: hostile.document.querySelectorAll("script, img, [onload], [onerror]").length,
  };
  seen.narrow = overflow(await open("report.html?narrow", 390));
  seen.narrow_hostile = overflow(await open("hostile.html?narrow", 390));
  const out = document.createElement("pre");
  out.id = "seen"; out.textContent = JSON.stringify(seen);
  document.body.replaceChildren(out);
})();
</script></body>"""


class _Server(ThreadingHTTPServer):
    def __init__(self, folder: Path) -> None:
        self.asked: list[str] = []
        super().__init__(("127.0.0.1", 0), partial(_Handler, self.asked, directory=str(folder)))


class _Handler(SimpleHTTPRequestHandler):
    def __init__(self, asked: list[str], *args: Any, **options: Any) -> None:
        self.asked = asked
        super().__init__(*args, **options)

    def log_message(self, *_: Any) -> None:
        self.asked.append(self.path)


@pytest.fixture(scope="module")
def seen(html: str, hostile_html: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine: install one to check the page in a real browser")
    folder = tmp_path_factory.mktemp("pages")
    pages = {"report": html, "hostile": hostile_html, "printed": _as_printed(html), "wrapper": WRAPPER}
    for name, text in pages.items():
        (folder / f"{name}.html").write_text(text, encoding="utf-8")
    with _Server(folder) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            address = f"http://127.0.0.1:{server.server_port}/wrapper.html"
            dom = _dump(CHROMIUM, address, tmp_path_factory.mktemp("profile"))
        finally:
            server.shutdown()
            thread.join()
    found = re.search(r'<pre id="seen">(.*?)</pre>', dom, re.DOTALL)
    assert found, dom[:2000]
    return {**json.loads(unescape(found[1])), "asked": server.asked}


def _dump(chromium: str, address: str, profile: Path) -> str:
    command = [chromium, *FLAGS, f"--user-data-dir={profile}", address]
    browser = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, start_new_session=True
    )
    try:
        dom, _ = browser.communicate(timeout=90)
    except subprocess.TimeoutExpired:
        # The command is often a shell wrapper: its group holds the browser itself.
        os.killpg(browser.pid, signal.SIGKILL)
        browser.communicate()
        raise
    assert browser.returncode == 0
    return dom


def _as_printed(html: str) -> str:
    """Return a copy that shows on screen what the style sheet says of paper."""
    unlocked = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", html)
    assert unlocked != html
    return unlocked.replace("@media print", "@media all")


def test_french_is_shown_first_and_english_hidden(seen: dict[str, Any]) -> None:
    assert seen["first"]["fr"] > 100
    assert seen["first"]["en"] == 0
    assert seen["first"]["h1"] == "Attestation de conformité au laboratoire"


def test_a_click_shows_english_and_another_brings_french_back(seen: dict[str, Any]) -> None:
    assert seen["english"]["fr"] == 0
    assert seen["english"]["en"] == seen["first"]["fr"]
    assert seen["english"]["h1"] == "Laboratory conformity attestation"
    assert seen["french"] == seen["first"]


def test_the_policy_lets_the_style_of_the_page_apply(seen: dict[str, Any]) -> None:
    assert "Charter" in seen["font"]


def test_a_link_to_a_folded_exchange_unfolds_it(seen: dict[str, Any]) -> None:
    assert not seen["folded"]
    assert seen["unfolded"]


def test_every_fold_is_open_in_print(seen: dict[str, Any]) -> None:
    assert seen["folds"] > 30
    assert seen["hidden_in_print"] == 0


def test_hostile_evidence_does_nothing(seen: dict[str, Any]) -> None:
    assert seen["hostile"]["title"].startswith("Attestation de conformité")
    assert seen["hostile"]["active"] == 0
    assert seen["hostile"]["fr"] > 100
    assert seen["hostile"]["en"] == 0


def test_page_never_scrolls_sideways(seen: dict[str, Any]) -> None:
    assert seen["narrow"] <= 0
    assert seen["narrow_hostile"] <= 0
    assert seen["hostile"]["overflow"] <= 0


def test_the_browser_asked_for_the_pages_and_nothing_more(seen: dict[str, Any]) -> None:
    pages = {"/wrapper.html", "/report.html", "/printed.html", "/hostile.html"}
    assert {path.partition("?")[0] for path in seen["asked"]} <= pages | {"/favicon.ico"}
