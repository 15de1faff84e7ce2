"""What runs one job."""
