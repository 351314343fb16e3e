"""The FHIR Permission of an application, in its R5 and R6 forms, compiled into its policy."""

from lab.fhir.permission.compiling import compile_permission
from lab.fhir.permission.extensions import LIMIT, NETWORK

__all__ = ["LIMIT", "NETWORK", "compile_permission"]
