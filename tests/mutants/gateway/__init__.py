"""Mutants of the gateway: functions that open one hole each; ``lab security mutants`` puts them on trial."""
