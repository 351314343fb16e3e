"""Where a store is, a SQLite file or a PostgreSQL database: the one place that chooses between them."""

from pathlib import Path

from lab.fhirserver.storage.connection import StoreAddress, StoreError
from lab.fhirserver.storage.sqlite import SqliteFile

Place = Path | str
"""The path of a file, or the URL of a database: ``postgresql://user@host/hospital``."""

_SCHEMES = ("postgresql://", "postgres://")


def is_database(place: Place) -> bool:
    """Tell whether the store is in a database that several machines can share."""
    return isinstance(place, str) and place.startswith(_SCHEMES)


def address_of(place: Place) -> StoreAddress:
    """Return how to reach a store.

    Raises:
        StoreError: it is in PostgreSQL and this installation has no client for that.
    """
    if not is_database(place):
        return SqliteFile(Path(place))
    try:
        from lab.fhirserver.storage.postgresql import PostgresqlDatabase  # noqa: PLC0415 - an optional extra
    except ImportError as error:
        message = (
            f"A store in PostgreSQL needs psycopg, which cannot be imported ({error}): "
            "run pip install 'fhir-integration-lab[postgresql]', or name a file."
        )
        raise StoreError(message) from None
    return PostgresqlDatabase(str(place))
