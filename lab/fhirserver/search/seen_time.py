"""When a resource last changed as a view shows it: changes of what is masked do not count.

Spec: https://hl7.org/fhir/R4/search.html#lastUpdated
"""

from collections.abc import Iterable, Mapping

import orjson

from lab.fhir.hidden import hides_numbered, numbered
from lab.fhir.strict_json import Json
from lab.fhir.view import View
from lab.fhirserver.sql import Sql, among, joined
from lab.fhirserver.storage.store import Store
from lab.fhirserver.storage.times import instant
from lab.fhirserver.storage.type_numbers import number


def seen_time(store: Store, view: View) -> str:
    """Return the expression, on the row ``r``, of milliseconds UTC."""
    if not view.masks:
        return "r.updated"
    masks = numbered(view.masks)
    if not store.is_called:
        store.memo(("hidden", masks), lambda: _tell_hidden(store, masks))
    return (
        "(case when r.version = 1 or r.deleted = 1 then r.updated else (select max(c.updated) from changed c "
        f"where c.k = r.k and not lab_hides({masks}, c.path)) end)"
    )


def _tell_hidden(store: Store, masks: int) -> str:
    """Keep the paths of change that the masks hide in a setting of the connection; return its name."""
    paths = [path for (path,) in store.remembered("select distinct path from changed")]
    hidden = orjson.dumps([path for path in paths if hides_numbered(masks, path)]).decode()
    name = f"lab.hidden_{masks}"
    store.rows("select set_config(?, ?, false)", (name, hidden))
    return name


def seen_times(store: Store, view: View, resources: Iterable[Json]) -> Mapping[tuple[str, str], str]:
    """Return the time of each of the resources, by type and id; those that are not stored have none."""
    found: dict[tuple[str, str], str] = {}
    changed: dict[str, list[str]] = {}
    for each in resources:
        type_, id_, meta = str(each.get("resourceType")), str(each.get("id")), each.get("meta", {})
        if meta.get("versionId") == "1" and "lastUpdated" in meta:
            found[type_, id_] = meta["lastUpdated"]  # a first version says itself when it came
        else:
            changed.setdefault(type_, []).append(id_)
    for type_, ids in changed.items():
        sql = joined(
            "and",
            [
                Sql(
                    f"select r.id, {seen_time(store, view)} from resource r where r.type = ?",
                    (number(type_),),
                ),
                among("r.id", tuple(ids)),
            ],
        )
        found |= {(type_, id_): instant(updated) for id_, updated in store.rows(sql.text, sql.args)}
    return found
