"""The verifier of a generated hospital: reads every byte of it, and no code of the generator."""

from synthetic_data.verification.folder import FolderError
from synthetic_data.verification.report import Conclusion, VerificationReport
from synthetic_data.verification.verifying import verify

__all__ = ["Conclusion", "FolderError", "VerificationReport", "verify"]
