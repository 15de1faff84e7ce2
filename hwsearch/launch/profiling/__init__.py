"""Networks that are measured before a search: budgets and hardware models."""
