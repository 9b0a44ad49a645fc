-- Fresh protocol numbers of a year; the first one makes the year's sequence where there is none yet.
SELECT next_protocol_number(%(year)s::int) AS number
UNION ALL
SELECT nextval(to_regclass('protocol_number_' || %(year)s::int)) FROM generate_series(2, %(count)s::int)
