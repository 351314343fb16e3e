"""Scalability: how latency grows with size and throughput with concurrency, measured, fitted, judged."""
