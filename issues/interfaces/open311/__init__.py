"""Open311 GeoReport v2: the standard that 311 clients of any city speak."""
