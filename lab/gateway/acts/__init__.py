"""What the gateway plays to provoke a behaviour of the application: one file per act, found by folder."""
