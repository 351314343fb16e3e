"""The document of an augmentation and what is written of it."""
