"""What an error must not tell: the inside of the program, and data of patients.

Source: CWE-209 (error message with sensitive information), CWE-497.
"""

import re

from lab.api import FhirClient, Reply

_SIGNS = (
    (
        "a stack trace",
        re.compile(
            r"Traceback \(most recent call last\)|File \"[^\"\n]+\", line \d+|"
            r"\bat [\w$.<>]+\([\w$]+\.(?:java|kt|scala|js|ts):\d+|\bin [^\s]+\.cs:line \d+|goroutine \d+ \["
        ),
    ),
    (
        "a piece of SQL",
        re.compile(
            r"(?i:\bselect\b.{1,200}\bfrom\b.{1,100}\bwhere\b|\binsert into\b.{1,80}\bvalues\b)|SQLSTATE|"
            r"ORA-\d{5}|syntax error at or near|psycopg|sqlite3\.|SqlException",
            re.DOTALL,
        ),
    ),
    (
        "a file path",
        re.compile(r"(?<![\w/.:])/(?:usr|home|var|opt|etc|root|tmp)/[\w./-]+\.\w{1,5}\b|\b[A-Z]:\\\\?\w+\\"),
    ),
)
_VERSION = re.compile(
    r"\b(?:HAPI FHIR|nginx|Apache|Tomcat|Jetty|IIS|Kestrel|Express|uvicorn|hypercorn|gunicorn|PostgreSQL|"
    r"MySQL|Oracle|MongoDB|Python|Node\.js|PHP|OpenSSL)[ /]v?\d+\.\d+"
)


def told(client: FhirClient, reply: Reply) -> str:
    """Return what an answer tells of the inside of the program, an empty text for nothing."""
    text = reply.text.replace(client.base_url, "")
    return next((name for name, sign in _SIGNS if sign.search(text)), "")


def version_told(reply: Reply) -> str:
    """Return the product and version that a body or the Server header names, an empty text for none."""
    for text in (reply.text, reply.header("server") or "", reply.header("x-powered-by") or ""):
        found = _VERSION.search(text)
        if found:
            return found[0]
    return ""
