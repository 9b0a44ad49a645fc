"""The heat store: every request as a row of columns in memory, scanned by a compiled loop.

PostgreSQL is the truth. A version of the store is a copy of it (`store`, `building`); what happened since is
a tail read from the events in the order of their commits (`live`). The loop and
what calls it (`scan`, `live`) are loaded by the first heat tile that a process is asked for; the columns
alone (`columns`, `reading`, `store`) are light.
"""
