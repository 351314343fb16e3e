"""How a check is declared, what it may know, and how it says what it saw."""
