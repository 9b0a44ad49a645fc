-- Of runs of the same subject only one at a time becomes the current one; held to the end of the transaction.
SELECT pg_advisory_xact_lock(hashtextextended('hotspots ' || %(subject)s::text, 0))
