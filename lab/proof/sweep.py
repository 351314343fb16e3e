"""The requests of completeness: everything that a client may see, one by one and type by type."""

from collections.abc import Iterator
from itertools import count

from lab.proof.contents import IDS
from lab.proof.grammar.step import Step
from lab.proof.pair import Pair


def sweep(pair: Pair) -> Iterator[Step]:
    """Yield searches of each open type, whole and in small pages, and the read of every identity."""
    numbers, client = count(), pair.client
    searched = [type_ for type_ in IDS if client.may("search-type", type_)]
    for query in ("", "_total=accurate&_count=1", "_sort=_id&_count=3", "_count=2"):
        yield from (Step(next(numbers), "GET", type_, query, kind="search") for type_ in searched)
    for type_ in IDS:
        if client.may("read", type_):
            yield from (Step(next(numbers), "GET", f"{type_}/{id_}") for id_ in IDS[type_])
