"""What citizens think of the result, and how the city's services compare."""
