"""The page of the board: French, accessible, escaped, honest about what is masked or stale."""

import re
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import pytest
from sample_urgences import HOSTILE, department, encounter, masked_patient, patient
from tableau_urgences.board import Board
from tableau_urgences.page import HEADERS, name_of, render

NOW = datetime(2024, 6, 1, 12, tzinfo=UTC)


def board_with(*resources) -> Board:
    board = Board()
    for resource in resources:
        board.put(resource)
    board.confirmed_at = NOW
    return board


class Tags(HTMLParser):
    """Keeps the tags and the text of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict]] = []
        self.text = ""

    def handle_starttag(self, tag, attrs):
        """Keep a tag."""
        self.seen.append((tag, dict(attrs)))

    def handle_data(self, data):
        """Keep a text."""
        self.text += data


def parsed(html: str) -> Tags:
    tags = Tags()
    tags.feed(html)
    return tags


def test_page_shows_the_patients_in_french():
    tags = parsed(render(board_with(*department()), NOW))
    assert ("html", {"lang": "fr"}) in tags.seen
    for words in (
        "Tableau des urgences",
        "MARTIN1 Zoé Léa",
        "12/01/1951",
        "Urgences Purpan",
        "en cours",
        "DUPUY Anne",
    ):
        assert words in tags.text
    assert "15/06 01:30" in tags.text


def test_page_is_accessible_and_refreshes_itself():
    tags = parsed(render(board_with(*department()), NOW))
    names = [tag for tag, _ in tags.seen]
    assert names.count("h1") == names.count("main") == 1
    assert names.count("caption") == names.count("table") == 2
    assert all(attrs == {"scope": "col"} for tag, attrs in tags.seen if tag == "th")
    assert ("meta", {"http-equiv": "refresh", "content": "5"}) in tags.seen
    assert "script" not in names


def test_every_hostile_string_is_escaped():
    nasty = patient(1, HOSTILE, gender=HOSTILE, born=HOSTILE)
    visit = encounter(1, 1, status=HOSTILE, reasonCode=[{"text": HOSTILE}])
    visit["participant"] = [{"individual": {"reference": "Practitioner/p", "display": HOSTILE}}]
    role = {
        "resourceType": "PractitionerRole",
        "id": "r",
        "code": [{"coding": [{"display": HOSTILE}]}],
        "practitioner": {"reference": "Practitioner/p", "display": '" onload="x'},
    }
    place = {"resourceType": "Location", "id": "loc-urg-purpan", "name": HOSTILE}
    html = render(board_with(nasty, visit, role, place), NOW)
    assert "<script" not in html.lower()
    assert 'onload="' not in html
    assert html.count("&lt;script&gt;") >= 6


def test_masked_data_read_as_masked_and_nothing_is_invented():
    tags = parsed(render(board_with(masked_patient(1), encounter(1, 1)), NOW))
    assert tags.text.count("masqué") == 3
    bare = {"resourceType": "Encounter", "id": "e", "status": "in-progress", "class": {"code": "EMER"}}
    assert "masqué" in parsed(render(board_with(bare), NOW)).text


@pytest.mark.parametrize(
    ("born", "shown"), [("1951-01-12", "12/01/1951"), ("1951-01", "01/1951"), ("1951", "1951")]
)
def test_partial_dates_keep_their_precision(born, shown):
    html = render(board_with(patient(1, born=born), encounter(1, 1)), NOW)
    assert f"<td>{shown}</td>" in html


@pytest.mark.parametrize("status", ["entered-in-error", "cancelled"])
def test_withdrawn_encounters_are_shown_as_withdrawn_without_identity(status):
    html = render(board_with(patient(1, "Secret"), encounter(1, 1, status=status)), NOW)
    assert "retiré" in html
    assert "SECRET" not in html


def test_page_says_when_it_is_stale_closed_or_not_understood():
    board = board_with(encounter(1, 1, modifierExtension=[{"url": "urn:x"}]))
    board.unavailable.add("Practitioner")
    html = render(board, NOW + timedelta(minutes=5))
    assert len(re.findall(r'role="alert"', html)) == 3
    assert "non actualisées depuis 01/06 14:00" in html
    assert "1 dossier(s) non interprétable(s)" in html
    assert "Practitioner" in html
    assert "pas encore alimenté" in render(Board(), NOW)


def replaced(number, by, family="Double"):
    link = {"other": {"reference": f"Patient/{patient(by)['id']}"}, "type": "replaced-by"}
    return {**patient(number, family), "link": [link]}


def test_a_replaced_record_gives_way_to_the_one_that_counts():
    board = board_with(replaced(1, 2), replaced(2, 3), patient(3, "Unique"), encounter(1, 1))
    html = render(board, NOW)
    assert "UNIQUE" in html
    assert "DOUBLE" not in html


def test_the_record_that_counts_is_asked_for_until_it_is_held():
    board = board_with(replaced(1, 2), encounter(1, 1))
    assert "DOUBLE" not in render(board, NOW)
    assert board.wanted_patients() == {patient(1)["id"], patient(2)["id"]}
    assert board.patient_ids() == {patient(1)["id"]}


def test_records_that_replace_each_other_end_somewhere():
    board = board_with(replaced(1, 2), replaced(2, 1), encounter(1, 1))
    assert board.wanted_patients() == {patient(1)["id"], patient(2)["id"]}
    assert "<td>DOUBLE" in render(board, NOW)


def test_the_usual_name_comes_first():
    names = [{"use": "official", "family": "Birth"}, {"use": "usual", "family": "Used", "given": ["A", 3]}]
    assert name_of({"name": names}) == "USED A"
    assert name_of({"name": "x"}) == name_of({}) == "masqué"
    assert name_of({"name": [{"text": "Jean Dupont"}]}) == "Jean Dupont"


def test_the_served_page_has_a_strict_content_policy(board):
    answer = board.get("/")
    assert answer.headers["content-security-policy"] == HEADERS["content-security-policy"]
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store, private"
    assert "MARTIN1" in answer.text
    assert board.get("/health").json() == {"status": "ready"}
