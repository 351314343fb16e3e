"""How the FHIR R4 definitions of HL7 become the artefacts that the laboratory ships."""
