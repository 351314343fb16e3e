"""How long to fuzz: a bounded number of examples, more when the environment asks (LAB_FUZZ_EXAMPLES)."""

import os

from hypothesis import HealthCheck, settings

EXAMPLES = 200

fuzz = settings(
    max_examples=int(os.environ.get("LAB_FUZZ_EXAMPLES", EXAMPLES)),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.large_base_example],
    print_blob=True,
)
