"""What a year of the hospital holds, and how often something happens in it.

Figures of 2023; what is marked * is an assumption.
"""

from lab.load.scenario import Assumption
from lab.model.text import Text

STAYS, CONSULTATIONS, LABORATORY = 306_823, 974_212, 6_844_262
IMAGING = 37_128 + 84_633 + 5_967
"""MRI, CT and PET."""

DAY_S = 86_400
YEAR_S = 365 * DAY_S

EVENTS_PER_S = (4 * STAYS + 2 * CONSULTATIONS + 3 * IMAGING + 1.1 * LABORATORY) / YEAR_S
"""0.352 events/s*: 4 for a stay (admission, two moves, discharge), 2 for a consultation, 3 for an image, 1.1
for a laboratory act."""

PEAK = 3.3
"""How much more than the mean happens in the morning*: 55 % of a day's laboratory orders from 4 to 8 o'clock
(Sorita et al., Am J Clin Pathol 2014): 0.55 x 24 / 4 = 3.3."""

FLOWS = Assumption(
    600, Text("flux applicatifs qui interrogent (500 à 700)", "application flows that poll (500-700)")
)
POLL_S = Assumption(
    60, Text("secondes entre deux interrogations d'un flux", "seconds between two polls of a flow")
)
URGENT_FLOWS = Assumption(30, Text("flux des urgences", "flows of the emergency department"))
URGENT_POLL_S = Assumption(
    5, Text("secondes entre deux interrogations aux urgences", "seconds between two polls there")
)
TOKEN_S = Assumption(300, Text("durée d'un jeton, en secondes", "life of a token, in seconds"))
INPATIENTS = Assumption(2_500, Text("patients hospitalisés", "inpatients"))
