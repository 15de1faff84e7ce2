"""For tests: a clock of virtual time, and the conformance suite of meters (needs pytest)."""
