"""XML is declared, and is not told all that JSON tells."""

from lab.sandbox.serve import main
from tests.mutants.xml_writing import in_xml, speaking_xml

KILLED_BY = "SRV-FMT-07"
FLAW = "the XML form of a Patient has no birthDate"


def _without_dates(resource):
    return in_xml({name: value for name, value in resource.items() if name != "birthDate"})


if __name__ == "__main__":
    main(wrap=lambda app: speaking_xml(app, _without_dates))
