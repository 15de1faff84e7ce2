"""Command lines: kinds of values, settings that are written down once, and a one-line parser."""
