"""Hotspots that a planner asks for: the form, how far the job is, and what it found."""
