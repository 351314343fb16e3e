"""Choice elements in JSON: their name is followed by the type of their value, in R4 and in R5.

Spec: https://hl7.org/fhir/R4/formats.html#choice
"""

CHOICES = frozenset(
    {
        "Address",
        "Age",
        "Annotation",
        "Attachment",
        "Availability",
        "Base64Binary",
        "Boolean",
        "Canonical",
        "Code",
        "CodeableConcept",
        "CodeableReference",
        "Coding",
        "ContactDetail",
        "ContactPoint",
        "Contributor",
        "Count",
        "DataRequirement",
        "Date",
        "DateTime",
        "Decimal",
        "Distance",
        "Dosage",
        "Duration",
        "Expression",
        "ExtendedContactDetail",
        "HumanName",
        "Id",
        "Identifier",
        "Instant",
        "Integer",
        "Integer64",
        "Markdown",
        "Meta",
        "Money",
        "Oid",
        "ParameterDefinition",
        "Period",
        "PositiveInt",
        "Quantity",
        "Range",
        "Ratio",
        "RatioRange",
        "Reference",
        "RelatedArtifact",
        "SampledData",
        "Signature",
        "String",
        "Time",
        "Timing",
        "TriggerDefinition",
        "UnsignedInt",
        "Uri",
        "Url",
        "UsageContext",
        "Uuid",
    }
)
"""What follows the name of a choice element in JSON."""


def is_choice(key: str, name: str) -> bool:
    """Tell whether a JSON member is a choice element: ``valueQuantity`` is one of ``value``."""
    return key.startswith(name) and key[len(name) :] in CHOICES
