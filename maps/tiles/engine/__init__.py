"""The heat store: every request as a row of columns in memory, scanned by a compiled loop.

PostgreSQL is the truth. A version of the store is a copy of it (`store`, `building`); what happened since is
a tail read from the events in the order of their commits (`live`). Nothing of this package is loaded by
a process that was never asked for a heat tile.
"""
