"""Augmented cohorts: many artificial patients from a few hundred, with the proof of what they are worth."""

from synthetic_data.augmentation.augment import Request, augment_cohort
from synthetic_data.augmentation.reading.cohort import Cohort, read_cohort
from synthetic_data.augmentation.refusal import Refusal, Sentence
from synthetic_data.augmentation.report.document import Report

__all__ = ["Cohort", "Refusal", "Report", "Request", "Sentence", "augment_cohort", "read_cohort"]
