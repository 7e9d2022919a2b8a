"""Carrying out exactly a plan: look again, save, write, read back, report. The only place that writes to COC."""
