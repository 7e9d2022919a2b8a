"""Records as text for people and programs. Pure: no clock, no environment, no printing, no decisions."""
