"""The append-only record of exchanges: secrets are replaced when recorded, never when shown."""
