"""What goes wrong on purpose: kinds of faults, and the script that says when."""
