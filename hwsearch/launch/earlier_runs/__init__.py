"""Earlier runs of an experiment: resumed, or learned from."""
