"""Page links of the server: those of every backend (``lab.fhir.page``)."""

from lab.fhir.page import PARAMETER, Pages, gone

__all__ = ["PARAMETER", "Pages", "gone"]
