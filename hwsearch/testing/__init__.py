"""For tests: a virtual clock, and the conformance suite of meters (needs pytest)."""
