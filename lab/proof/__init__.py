"""The proof that the gateway leaks nothing: random worlds, random requests, three ways to judge the answers."""
