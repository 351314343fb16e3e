"""The grammar of random requests, one for the three engines: what they ask, as data that can be replayed."""
