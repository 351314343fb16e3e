"""The thresholds, and what they say of a release and of the measurement itself."""
