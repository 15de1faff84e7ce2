"""For tests: a clock of virtual time, and the suites that a meter written elsewhere can run."""
