"""The day of a team's crews: who does what, in which order, and when they get there."""
