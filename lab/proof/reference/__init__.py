"""The reference evaluator: what a token may see, computed slowly and obviously from ``docs/five-levels.md``.

It shares nothing with ``lab.gateway``, ``lab.fhirserver`` or the compiler of Permissions.
"""
