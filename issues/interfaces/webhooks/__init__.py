"""What other systems tell us by calling, signed; and pictures that they were given the address of."""
