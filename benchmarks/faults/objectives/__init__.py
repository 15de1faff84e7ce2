"""What the jobs of the benchmark compute: each module is the main-file of experiments."""
