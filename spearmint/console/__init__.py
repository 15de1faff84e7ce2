"""What people read and write on a terminal: safe printing, and command lines."""
