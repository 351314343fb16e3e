"""Subscriptions: whom a write is told to, and the telling."""
