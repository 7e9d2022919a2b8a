"""The rules that start a program or a whole parser for each script, for `validate --deep`."""
