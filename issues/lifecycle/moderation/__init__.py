"""What the public may read and see of a request: somebody looks at it first."""
