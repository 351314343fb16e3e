"""One folder = one hospital: NDJSON files by kind of resource, an answer key, and a manifest written last."""
