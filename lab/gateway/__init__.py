"""The five-level gateway: every request is decided by five pure functions, default deny, then journaled."""
