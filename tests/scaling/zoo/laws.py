"""The laws of the zoo: seconds that one request takes, from the size and how many are inside with it.

A negative number of seconds is a wrong answer after that time.
"""

CONTENTION = 0.12
"""The part of a request that callers of ``lock_contention`` wait for one another."""


def constant(_size, _inside):
    """Find by an index."""
    return 0.020


def linear_scan(size, _inside):
    """Look at every patient."""
    return size * 30e-6


def quadratic_paging(size, _inside):
    """Count from the beginning again for every page."""
    return 0.001 + size * size * 40e-9


def exponential(size, _inside):
    """Double every 270 patients."""
    return 0.002 * 2 ** (size / 270)


def fast_and_wrong(_size, _inside):
    """Answer at once, wrongly: what must never be timed."""
    return -0.001


def lock_contention(_size, inside):
    """Wait for whoever is inside: Gunther's synchronous queue, whose s is known exactly."""
    return 0.030 * (1 + CONTENTION * (inside - 1))


def no_contention(_size, _inside):
    """Serve everybody at once."""
    return 0.040


BY_SIZE = {
    law.__name__: law for law in (constant, linear_scan, quadratic_paging, exponential, fast_and_wrong)
}
BY_CALLERS = {law.__name__: law for law in (lock_contention, no_contention)}
