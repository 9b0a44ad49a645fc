"""The planners' board: any filter counted by area, time, theme and team, compared, drawn and taken away."""
