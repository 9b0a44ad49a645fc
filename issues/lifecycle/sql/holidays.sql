-- Days without work from a day on, and the hours and weekdays of every department.
SELECT (SELECT array_agg("on") FROM issues_holiday WHERE "on" >= %(first)s::date) AS days,
       (SELECT json_agg(json_build_array(d.id, d.day_starts, d.day_ends, d.weekdays))
          FROM issues_department d) AS departments
