"""The sandbox: backend, token server and gateway as one stack, seeded with the synthetic hospital."""
