"""What the city publishes about itself: the ranking of services."""
