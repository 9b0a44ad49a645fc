"""Alerts: somebody asks to hear of what is new in a place or of a service, by e-mail."""
