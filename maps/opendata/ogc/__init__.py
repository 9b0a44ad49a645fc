"""OGC API - Features (OGC 17-069r4 part 1, 18-058r1 part 2) over the public collections."""
