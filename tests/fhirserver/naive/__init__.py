"""A second, slow and obvious implementation of FHIR search, to compare the server with.

It shares nothing with ``lab.fhirserver``: only the official definitions of the search parameters.
"""
