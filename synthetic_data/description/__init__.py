"""What a hospital folder holds, read from its files alone: numbers, then a page that a clinician can read."""
