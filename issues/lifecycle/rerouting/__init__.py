"""Open requests follow the rules and boundaries as they are now."""
