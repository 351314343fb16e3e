"""The answer key: what each cohort, mask and query must give, from the generator's own columns."""
