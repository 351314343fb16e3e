"""The neighbour: an application of the hospital whose network is another one than everybody else's.

It exists so that a token can be used from a network that the hospital lets in, but not for that token.
"""

NEIGHBOUR = "neighbour"
NEIGHBOUR_ADDRESS = "127.0.0.8"
