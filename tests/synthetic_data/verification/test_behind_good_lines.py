"""A defect in one line is seen after many good lines of the same shape, though only some are validated."""

import json
import re

import pytest

from synthetic_data.verification.blocks import Block
from synthetic_data.verification.checks import identifiers, validity
from synthetic_data.verification.folder import open_folder
from synthetic_data.verification.frames import offsets, read_block
from synthetic_data.verification.hospital import Hospital
from synthetic_data.verification.index import EMPTY
from synthetic_data.verification.shapes import PARSED, Shapes

VALIDATOR = "lab.validation.bulk:wrongs"
LATE = 90  # no line that is validated whatever its shape
TEXTS = ("Ionogramme", "Gaz du sang, Bilan hépatique", "Numération")
PATIENT, ORDER, STUDY = "Patient", "ServiceRequest.laboratory", "ImagingStudy"
DOCUMENT, MONITOR, RESULT = "DocumentReference", "Observation.icu", "Observation.laboratory"
FREE = re.compile(rb'("(?:family|city|text|description)":")[^"]+')


@pytest.fixture(scope="module")
def lines(small):
    """Give lines that differ by texts and digits, made from the first one of a file that holds a text."""
    folder = open_folder(small)

    def make(name, holding=b"{", count=100):
        (file,) = (one for one in folder.files if one.name.startswith(f"{name}.ndjson"))
        content = read_block(small, file, next(offsets(file)))
        model = next(line for line in content.splitlines() if holding in line and b"\\" not in line)
        return [
            FREE.sub(rb"\g<1>" + TEXTS[rank % 3].encode(), model).replace(b"-000001", b"-%06d" % (rank + 1))
            for rank in range(count)
        ]

    return make


def judged(small, name, lines):
    """Give the block that lines make, and what the checks of single lines find in it."""
    hospital = Hospital(open_folder(small), EMPTY, EMPTY, VALIDATOR)
    block = Block(name, name.partition(".")[0], b"\n".join(lines) + b"\n", Shapes())
    checks = (check for check in (validity.CHECK, identifiers.CHECK) if check.looks_at(block.type))
    return block, [defect.what for check in checks for defect in check.gather(block, hospital)["defects"]]


DEFECTS = {
    "blank text": (ORDER, b'"text":"Ionogramme"', b'"text":" "'),
    "empty text": (ORDER, b'"text":"Ionogramme"', b'"text":""'),
    "text of a space that is none": (ORDER, b'"text":"Ionogramme"', '"text":"\u00a0"'.encode()),
    "text that is no UTF-8": (ORDER, b'"text":"Ionogramme"', b'"text":"Iono\xe9gramme"'),
    "text with a control character": (ORDER, b'"text":"Ionogramme"', b'"text":"Iono\tgramme"'),
    "text that is a number": (ORDER, b'"text":"Ionogramme"', b'"text":12'),
    "text twice": (ORDER, b'"text":"Ionogramme"', b'"text":"Ionogramme","text":"Ionogramme"'),
    "text that ends its element": (ORDER, b'"text":"Ionogramme"', b'"text":"Ionogramme","texte":"a"'),
    "text not closed": (ORDER, b'"text":"Ionogramme"', b'"text":"Ionogramme'),
    "no such year": (ORDER, b'"authoredOn":"2023-', b'"authoredOn":"0000-'),
    "unknown code": (ORDER, b'"intent":"order"', b'"intent":"ordre"'),
    "code with two spaces": (ORDER, b'"code":"108252007"', b'"code":"108  25207"'),
    "blank family name": (PATIENT, b'"family":"Ionogramme"', b'"family":" "'),
    "gender": (PATIENT, b'"gender":"', b'"gender":"x'),
    "system of the INS": (PATIENT, b'"urn:oid:1.2.250.1.213.1.4.10"', b'"urn:oid:1.2.250.1.213.1.4.11"'),
    "birth date": (PATIENT, b'"birthDate":"', b'"birthDate":"0'),
    "mail of somebody": (PATIENT, b"@example.org", b"@exemple.fr"),
    "phone of somebody": (PATIENT, b'"value":"06 39 98', b'"value":"06 38 98'),
    "series that begin with 0": (STUDY, b'"uid":"2.25.', b'"uid":"2.25.0'),
    "series of another tree": (STUDY, b'"uid":"2.25.', b'"uid":"3.25.'),
    "identifier that begins with 0": (STUDY, b'"value":"urn:oid:2.25.', b'"value":"urn:oid:2.25.0'),
    "data that are not base 64": (DOCUMENT, b'"data":"', b'"data":"!'),
    "data of half a byte": (DOCUMENT, b'"data":"', b'"data":"A'),
    "samples of no dimension": (MONITOR, b'"dimensions":1', b'"dimensions":0'),
    "samples that are blank": (MONITOR, b'"data":"', b'"data":" ","x":"'),
    "number that begins with 0": (RESULT, b'"valueQuantity":{"value":', b'"valueQuantity":{"value":0'),
}
HOLDING = {
    PATIENT: b"@example.org",
    STUDY: b'"uid"',
    DOCUMENT: b'"data":"',
    RESULT: b'"valueQuantity":{"value":1',
}


@pytest.mark.parametrize("name", [PATIENT, ORDER, STUDY, DOCUMENT, MONITOR, RESULT])
def test_good_lines_share_their_shape_and_have_no_defect(small, lines, name):
    block, found = judged(small, name, lines(name, HOLDING.get(name, b"{")))
    assert found == []
    assert PARSED not in block.shape[3:]
    assert len(set(block.shape.tolist())) <= 2
    expected = [json.loads(line)["id"] for line in lines(name, HOLDING.get(name, b"{"))]
    assert [text.decode() for text in block.text("id").tolist()] == expected


@pytest.mark.parametrize("defect", DEFECTS)
def test_a_late_defect_is_seen(small, lines, defect):
    name, right, wrong = DEFECTS[defect]
    planted = lines(name, HOLDING.get(name, b"{"))
    assert right in planted[LATE]
    planted[LATE] = planted[LATE].replace(right, wrong, 1)
    _, found = judged(small, name, planted)
    assert found
