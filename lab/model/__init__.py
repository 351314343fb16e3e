"""The nouns of the laboratory: frozen dataclasses only, no behaviour beyond their own consistency."""
