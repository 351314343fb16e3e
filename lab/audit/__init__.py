"""Traceability: one AuditEvent for each decision, written before the answer is sent, and who saw whom."""
