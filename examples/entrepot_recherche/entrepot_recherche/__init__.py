"""A research warehouse: pulls a cohort by bulk export every night, and gives one result back."""

VERSION = "1.0.0"
