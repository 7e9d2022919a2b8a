"""The command line: one file a verb with its options, wiring and exit code. Holds no rule of its own."""
