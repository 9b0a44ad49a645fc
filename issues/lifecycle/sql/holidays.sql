-- Days without work from a day on, as one array.
SELECT array_agg("on") FROM issues_holiday WHERE "on" >= %(first)s::date
