"""The closed vocabularies of findings and verdicts: outcome, expectation, severity, role, suite."""

from enum import StrEnum


class Outcome(StrEnum):
    """What one check showed, from the most to the least serious (the roll-up order)."""

    ERROR = "error"
    FAIL = "fail"
    SKIP = "skip"
    WARNING = "warning"
    PASS = "pass"  # noqa: S105 - a word, not a password
    OMIT = "omit"


class Expectation(StrEnum):
    """How binding a requirement is: the keywords of RFC 2119."""

    SHALL = "SHALL"
    SHOULD = "SHOULD"
    MAY = "MAY"


class Severity(StrEnum):
    """How bad it is when the check fails."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Role(StrEnum):
    """The side of the exchange that the application under test plays."""

    SERVER = "server"
    CLIENT = "client"


class Suite(StrEnum):
    """The parts of a certification."""

    CONFORMANCE = "conformance"
    SECURITY = "security"
    LOAD = "load"


class Status(StrEnum):
    """The verdict in one word."""

    CONFORMS = "conforms"
    DOES_NOT_CONFORM = "does_not_conform"
    INCOMPLETE = "incomplete"
    WITHHELD = "withheld"


class LevelStatus(StrEnum):
    """What was shown of one of the five security levels."""

    ENFORCED = "enforced"
    BREACHED = "breached"
    NOT_DEMONSTRATED = "not_demonstrated"
    NOT_APPLICABLE = "not_applicable"


class Growth(StrEnum):
    """How latency grows with size, from the flattest to the steepest; the last word: it is not known."""

    FLAT = "flat"
    SUB_LINEAR = "sub-linear"
    LINEAR = "linear"
    SUPER_LINEAR = "super-linear"
    EXPONENTIAL = "exponential"
    INDETERMINATE = "indeterminate"
