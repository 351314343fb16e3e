"""What it costs a load generator to keep what it is answered, next to what judging it on the spot would cost.

CPU time of one process. A request costs our engine about 34 us (load.py): what is added to it is what counts.
"""

import json
import tempfile
import time
from collections.abc import Callable

from measuring import machine, print_table

from lab.load.spool import Spool
from lab.load.validating import judge_body
from lab.load.verify import Answer

MOST = 2_000


def patient(number: int) -> dict[str, object]:
    """Make a Patient of about 0.4 kB."""
    name = [{"use": "official", "family": f"Family{number:06}", "given": ["Given", "Other"]}]
    telecom = [{"system": "phone", "value": f"0102{number:06}", "use": "home"}]
    address = [{"line": [f"{number} rue Longue"], "city": "Ville", "postalCode": "35000", "country": "FR"}]
    person = {"name": name, "telecom": telecom, "address": address, "gender": "other"}
    return {"resourceType": "Patient", "id": f"p{number}", "birthDate": "1950-01-02", **person}


def page(number: int) -> dict[str, object]:
    """Make a page of twenty."""
    entries = [{"resource": patient(number * 20 + place)} for place in range(20)]
    return {"resourceType": "Bundle", "type": "searchset", "total": 20, "entry": entries}


def each_us(work: Callable[[bytes], object], bodies: list[bytes]) -> float:
    """Give the CPU time of one body, the best of five goes."""
    goes = []
    for _ in range(5):
        began = time.process_time()
        for body in bodies:
            work(body)
        goes.append((time.process_time() - began) / len(bodies) * 1e6)
    return min(goes)


def keeping_us(bodies: list[bytes]) -> float:
    """Give what a spool costs an answer, its flush included, the best of five."""
    goes = []
    answers = [Answer(200, body) for body in bodies]
    for _ in range(5):
        with tempfile.TemporaryFile() as file:
            spool = Spool(file, 1)
            began = time.process_time()
            for answer in answers:
                spool.take("read", "Patient/p1", answer)
            spool.flush()
            goes.append((time.process_time() - began) / len(answers) * 1e6)
    return min(goes)


def main() -> None:
    """Measure and print."""
    print(machine())
    rows = []
    for what, make, count in (("resource", patient, MOST), ("page of 20", page, MOST // 10)):
        bodies = [json.dumps(make(number)).encode() for number in range(count)]
        fast = each_us(lambda body: judge_body(body, 200), bodies)
        deep = each_us(lambda body: judge_body(body, 200, deep=True), bodies[:100])
        costs = (keeping_us([bodies[0]] * count), keeping_us(bodies), fast, deep)
        rows.append([f"{what}, {len(bodies[0]) / 1000:.1f} kB", *(f"{one:.1f}" for one in costs)])
    print_table(["CPU us an answer", "kept, seen before", "kept, new", "judged fast", "judged deeply"], rows)


if __name__ == "__main__":
    main()
