"""Patient resources, under fr-core-patient-ins for qualified identities born in France, else fr-core-patient.

A birth abroad has no INSEE commune code, which fr-core-patient-ins requires: those patients keep their INS
under the general profile. Spec: https://hl7.fr/ig/fhir/core/2.2.0/
"""

from synthetic_data.clock import stamp
from synthetic_data.population import Person
from synthetic_data.structures import Resource
from synthetic_data.templates import template

_CONFIDENTIALITY = {"R": "restricted", "V": "very restricted"}
_GENDER = {"F": "female", "M": "male"}


def patient(person: Person) -> Resource:
    """Give the Patient resource of a person."""
    identity, place, home = person.identity, person.identity.birth_place, person.identity.home
    with_ins_profile = person.qualified and place.insee is not None
    return template("patient").fill(
        id=person.id,
        profile="fr-core-patient-ins" if with_ins_profile else "fr-core-patient",
        confidentiality=person.confidentiality,
        confidentiality_label=_CONFIDENTIALITY.get(person.confidentiality or ""),
        identity_status="VALI" if person.qualified else "PROV",
        validation_mode="CN" if person.qualified else None,
        birth_insee=place.insee,
        birth_city=place.city,
        birth_country=place.country,
        ins=person.ins,
        ipp=person.ipp,
        birth_given_names=" ".join(identity.given_names),
        family=identity.family,
        given=identity.given_names[0],
        used_family=identity.used_family,
        home_phone=identity.home_phone,
        mobile_phone=identity.mobile_phone,
        email=identity.email,
        gender=_GENDER[person.sex],
        birth_date=person.birth_date,
        deceased=stamp(person.death) if person.death else None,
        home_insee=home.insee,
        street=home.street,
        home_city=home.city,
        postal_code=home.postal_code,
        mother_family=identity.mother.family if identity.mother else None,
        mother_given=identity.mother.given if identity.mother else None,
        mother_phone=identity.mother.phone if identity.mother else None,
    )
