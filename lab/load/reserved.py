"""The routes under which something is measured that is no request of the load."""

from lab.load.calibration import CALIBRATION
from lab.load.people import OPENING

BESIDE = frozenset((OPENING, CALIBRATION))
