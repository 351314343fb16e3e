"""When a resource last changed as a view shows it: changes of what is masked do not count.

Spec: https://hl7.org/fhir/R4/search.html#lastUpdated
"""

from collections.abc import Collection, Mapping

from lab.fhir.hidden import numbered
from lab.fhir.view import View
from lab.fhirserver.sql import Sql, among, joined
from lab.fhirserver.storage.store import Store
from lab.fhirserver.storage.type_numbers import number


def seen_time(view: View) -> str:
    """Return the expression, on the row ``r``, of milliseconds UTC."""
    if not view.masks:
        return "r.updated"
    return (
        "(case when r.version = 1 or r.deleted = 1 then r.updated else (select max(c.updated) from changed c "
        f"where c.k = r.k and not lab_hides({numbered(view.masks)}, c.path)) end)"
    )


def seen_times(store: Store, view: View, names: Collection[tuple[str, str]]) -> Mapping[tuple[str, str], int]:
    """Return the time of each of the resources, by type and id, that are there."""
    found: dict[tuple[str, str], int] = {}
    for type_ in {type_ for type_, _ in names}:
        ids = tuple(id_ for of, id_ in names if of == type_)
        sql = joined(
            "and",
            [
                Sql(f"select r.id, {seen_time(view)} from resource r where r.type = ?", (number(type_),)),
                among("r.id", ids),
            ],
        )
        found |= {(type_, id_): updated for id_, updated in store.rows(sql.text, sql.args)}
    return found
