# Sourced on the node by a login shell, before the job starts.
export OMP_NUM_THREADS=1
