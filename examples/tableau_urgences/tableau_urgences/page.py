"""The board as a page in French: whole in itself, accessible, every value escaped, nothing invented.

What the hospital masked reads « masqué »; a status is a word, never a colour alone.
"""

import base64
import hashlib
from datetime import datetime, timedelta
from html import escape
from zoneinfo import ZoneInfo

from tableau_urgences.board import ACTIVE, WITHDRAWN, Board, attending, start_of
from tableau_urgences.fhir import JSON, items, part, place_of, referenced, strings, text

REFRESH_S = 5
STALE_AFTER = timedelta(seconds=60)
MASKED = "masqué"
_ZONE = ZoneInfo("Europe/Paris")
_STATUS = {
    "planned": "attendu",
    "arrived": "arrivé",
    "triaged": "trié",
    "in-progress": "en cours",
    "onleave": "sorti temporairement",
    "finished": "sorti",
    "cancelled": "retiré (annulé)",
    "entered-in-error": "retiré (saisi par erreur)",
}
_COLUMNS = ("Site", "Arrivée", "Statut", "Patient", "Né(e) le", "Sexe", "Motif", "Responsable")
_SEX = {"male": "M", "female": "F", "other": "autre", "unknown": "inconnu"}
_STYLE = """
body{font:1rem/1.5 system-ui,sans-serif;margin:1.5rem;color:#1a1a1a;background:#fff}
table{border-collapse:collapse;width:100%;margin-bottom:1.5rem}
caption{text-align:left;font-weight:600;padding:.5rem 0}
th,td{text-align:left;padding:.4rem .6rem;border-bottom:1px solid #767676}
.masked{font-style:italic}
[role=alert]{border:3px solid #a00000;padding:.5rem 1rem}
"""
_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
HEADERS = {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": f"default-src 'none'; style-src 'sha256-{_HASH}'; frame-ancestors 'none'; "
    "base-uri 'none'; form-action 'none'",
    "referrer-policy": "no-referrer",
}


def render(board: Board, now: datetime) -> str:
    """Return the page; ``now`` is the hospital's time."""
    encounters = sorted(board.held["Encounter"].values(), key=start_of)
    shown = [found for found in encounters if text(found, "status") in {*ACTIVE, *WITHDRAWN}]
    known = {*ACTIVE, *WITHDRAWN, "finished"}
    shown += [found for found in encounters if text(found, "status") not in known]
    ended = len(encounters) - len(shown)
    return f"""<!doctype html>
<html lang="fr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="{REFRESH_S}">
<title>Tableau des urgences</title>
<style>{_STYLE}</style>
</head>
<body>
<main>
<h1>Tableau des urgences</h1>
{_notices(board, now)}
<table>
<caption>Patients présents ou attendus : {len(shown)} (sortis récemment : {ended})</caption>
<thead><tr>{_head(*_COLUMNS)}</tr></thead>
<tbody>
{"".join(_row(board, found) for found in shown)}
</tbody>
</table>
<table>
<caption>Équipes de garde : {len(board.held["PractitionerRole"])}</caption>
<thead><tr>{_head("Site", "Fonction", "Professionnel")}</tr></thead>
<tbody>
{"".join(_team(board, role) for role in board.held["PractitionerRole"].values())}
</tbody>
</table>
</main>
</body>
</html>
"""


def _notices(board: Board, now: datetime) -> str:
    notices = []
    if board.confirmed_at is None:
        notices.append("Le tableau n'est pas encore alimenté.")
    elif now - board.confirmed_at > STALE_AFTER:
        notices.append(f"Données non actualisées depuis {_hour(board.confirmed_at)}.")
    if board.unavailable:
        notices.append(f"Indisponible à l'hôpital : {', '.join(sorted(board.unavailable))}.")
    if board.flagged:
        notices.append(
            f"{len(board.flagged)} dossier(s) non interprétable(s) : consultez le dossier patient."
        )
    notice = "".join(f'<p role="alert">{escape(words)}</p>\n' for words in notices)
    return notice + (f"<p>Actualisé à {_hour(board.confirmed_at)}.</p>" if board.confirmed_at else "")


def _head(*titles: str) -> str:
    return "".join(f'<th scope="col">{escape(title)}</th>' for title in titles)


def _row(board: Board, encounter: JSON) -> str:
    status = text(encounter, "status")
    patient = board.person(encounter)
    cells = [
        _place(board, place_of(encounter)),
        _start(encounter),
        _STATUS.get(status, status),
        *(("—", "—", "—") if status in WITHDRAWN else _identity(patient)),
        _concept(items(encounter, "reasonCode")),
        _person(board, attending(encounter)),
    ]
    return _cells(cells)


def _identity(patient: JSON) -> tuple[str, str, str]:
    sex = text(patient, "gender")
    return (
        name_of(patient),
        _day(text(patient, "birthDate")) or MASKED,
        _SEX.get(sex, sex) or MASKED,
    )


def _team(board: Board, role: JSON) -> str:
    places = [referenced(place, "Location") for place in items(role, "location")]
    site = ", ".join(_place(board, place) for place in places)
    return _cells([site, _concept(items(role, "code")), _person(board, part(role, "practitioner"))])


def _cells(values: list[str]) -> str:
    shown = ((' class="masked"' if value == MASKED else "", escape(value or "—")) for value in values)
    return f"<tr>{''.join(f'<td{mark}>{value}</td>' for mark, value in shown)}</tr>\n"


def name_of(person: JSON) -> str:
    """Return the name of a Patient or Practitioner: the usual or official one, « masqué » without any."""
    names = [name for name in items(person, "name") if text(name, "family") or text(name, "text")]
    preferred = [name for use in ("usual", "official") for name in names if text(name, "use") == use]
    for name in preferred or names:
        parts = [text(name, "family").upper(), *strings(name, "given")]
        return " ".join(parts).strip() or text(name, "text")
    return MASKED


def _person(board: Board, reference: JSON) -> str:
    person = board.held["Practitioner"].get(referenced(reference, "Practitioner"))
    return name_of(person) if person else text(reference, "display")


def _place(board: Board, location: str) -> str:
    return text(board.held["Location"].get(location), "name") or location


def _concept(concepts: list[JSON]) -> str:
    for concept in concepts:
        codings = items(concept, "coding")
        words = text(concept, "text") or next((text(c, "display") or text(c, "code") for c in codings), "")
        if words:
            return words
    return ""


def _start(encounter: JSON) -> str:
    return _hour(start_of(encounter)) if text(part(encounter, "period"), "start") else MASKED


def _hour(moment: datetime) -> str:
    return moment.astimezone(_ZONE).strftime("%d/%m %H:%M") if moment.year > 1 else ""


def _day(value: str) -> str:
    """Return a full date in the French order; a partial one keeps its own precision."""
    return "/".join(reversed(value.split("-")))
