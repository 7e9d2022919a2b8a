"""Desired and live state to a plan. Pure: no clock, no environment, no input or output."""
