"""The proof that the gateway leaks nothing: random worlds, random requests, three judges of the answers."""
