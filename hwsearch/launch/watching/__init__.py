"""What happens beside a running search."""
