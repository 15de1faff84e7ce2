"""Cross-validation: one network, which a script trains on several splits of its rows."""
