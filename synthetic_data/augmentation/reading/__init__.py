"""Reading and admission of the cohort given by the user."""
