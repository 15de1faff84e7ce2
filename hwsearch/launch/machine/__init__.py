"""What this machine has: libraries, GPUs, and meters that work."""
