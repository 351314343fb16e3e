"""Everything that happened to a block of patients, each part drawn when it is first asked for."""

from functools import cached_property

import numpy as np

from synthetic_data.facts.administrations import Administrations, draw_administrations
from synthetic_data.facts.allergies import Allergies, draw_allergies
from synthetic_data.facts.appointments import Appointments, draw_appointments
from synthetic_data.facts.chance import Dice, dice
from synthetic_data.facts.episodes import Episodes, draw_episodes
from synthetic_data.facts.hard_identities import played_identities
from synthetic_data.facts.identities import Identities, draw_identities
from synthetic_data.facts.identity_status import IdentityStatuses, draw_identity_statuses
from synthetic_data.facts.laboratory_orders import LaboratoryOrders, draw_laboratory_orders
from synthetic_data.facts.monitoring import Monitoring, draw_monitoring
from synthetic_data.facts.movements import Movements, draw_movements
from synthetic_data.facts.oppositions import Oppositions, draw_oppositions
from synthetic_data.facts.people import People, draw_people
from synthetic_data.facts.prescriptions import Prescriptions, draw_prescriptions
from synthetic_data.facts.procedures import Procedures, draw_procedures
from synthetic_data.facts.readings import Readings, draw_readings
from synthetic_data.facts.results import Results, draw_results
from synthetic_data.facts.samples import Samples, draw_samples
from synthetic_data.facts.staff import in_charge
from synthetic_data.facts.studies import Studies, draw_studies
from synthetic_data.facts.vitals import Vitals, draw_vitals
from synthetic_data.plan import HospitalPlan
from synthetic_data.templating.columns import Flags, Ints, Plain, digits


class Block:
    """The facts of up to 2,000 patients, the same for the same plan and number wherever they are drawn."""

    def __init__(self, plan: HospitalPlan, number: int) -> None:
        """Name the block; nothing is drawn yet."""
        self.plan = plan
        self.number = number

    @cached_property
    def people(self) -> People:
        """The patients; births of twins are settled with the episodes, hence drawn with them."""
        return self._activity[0]

    @cached_property
    def episodes(self) -> Episodes:
        """The encounters."""
        return self._activity[1]

    @cached_property
    def _activity(self) -> tuple[People, Episodes]:
        people = draw_people(self.plan, self.number)
        return people, draw_episodes(self.plan, self.number, people)

    @cached_property
    def identities(self) -> Identities:
        """Names and contact details of the patients."""
        drawn = draw_identities(self.plan, self.number, self.people, self.episodes.mother)
        return played_identities(self.people, drawn)

    @cached_property
    def identity_statuses(self) -> IdentityStatuses:
        """How far the identities can be trusted."""
        return draw_identity_statuses(self.plan, self.number, self.people, self.identities)

    @cached_property
    def doctors(self) -> Ints:
        """The number of the doctor in charge of each encounter."""
        return in_charge(self.dice("doctors"), self.plan.patients, self.episodes.unit, self.episodes.start)

    @cached_property
    def samples(self) -> Samples:
        """The laboratory samples."""
        return draw_samples(self.plan, self.number, self.people, self.episodes)

    @cached_property
    def results(self) -> Results:
        """The laboratory acts."""
        return draw_results(self.plan, self.number, self.people, self.episodes, self.samples)

    @cached_property
    def studies(self) -> Studies:
        """The imaging examinations."""
        return draw_studies(self.plan, self.number, self.people, self.episodes)

    @cached_property
    def laboratory_orders(self) -> LaboratoryOrders:
        """What surrounds each laboratory sample."""
        return draw_laboratory_orders(
            self.plan, self.number, self.people, self.episodes, self.samples, self.results
        )

    @cached_property
    def readings(self) -> Readings:
        """What surrounds each imaging examination."""
        return draw_readings(self.plan, self.number, self.people, self.episodes, self.studies)

    @cached_property
    def movements(self) -> Movements:
        """The movements of the stays with nights."""
        return draw_movements(self.plan, self.number, self.people, self.episodes)

    @cached_property
    def vitals(self) -> Vitals:
        """The vital signs."""
        return draw_vitals(self.plan, self.number, self.people, self.episodes)

    @cached_property
    def monitoring(self) -> Monitoring:
        """The signals of intensive care."""
        return draw_monitoring(self.plan, self.number, self.people, self.episodes, self.movements)

    @cached_property
    def procedures(self) -> Procedures:
        """The acts done during encounters, imaging excepted."""
        return draw_procedures(self.plan, self.number, self.people, self.episodes)

    @cached_property
    def allergies(self) -> Allergies:
        """The allergies of the patients."""
        return draw_allergies(self.plan, self.number, self.people)

    @cached_property
    def prescriptions(self) -> Prescriptions:
        """What is prescribed at the encounters."""
        return draw_prescriptions(self.plan, self.number, self.people, self.episodes, self.allergies)

    @cached_property
    def administrations(self) -> Administrations:
        """The first doses given during stays with nights."""
        return draw_administrations(self.plan, self.number, self.episodes, self.prescriptions)

    @cached_property
    def appointments(self) -> Appointments:
        """The appointments and the slots they take."""
        return draw_appointments(self.plan, self.number, self.people, self.episodes, self.doctors)

    @cached_property
    def oppositions(self) -> Oppositions:
        """Who opposes the secondary use of their data."""
        return draw_oppositions(self.plan, self.number, self.people)

    def dice(self, subject: str) -> Dice:
        """Give a stream for a subject of one's own."""
        return dice(self.plan.seed, subject, self.number)

    def ids(self, prefix: str, ranks: Ints, present: Flags | None = None) -> Plain:
        """Write identifiers of things of this block: `enc-0012-000345`."""
        return digits(f"{prefix}-{self.number:04}-", ranks + 1, 6, present)

    def patient_ids(self, person: Ints) -> Plain:
        """Write the identifiers of patients of this block: `pat-0024345`."""
        return digits("pat-", self.people.index[person] + 1, 7)

    def practitioner_ids(self, numbers: Ints) -> Plain:
        """Write the identifiers of practitioners."""
        return digits("prac-", np.asarray(numbers), 4)
