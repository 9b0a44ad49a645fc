-- The clocks of those of a staged batch that are open; what was up by now is told to nobody any more.
INSERT INTO issues_clockrun (issue_id, started_at, due_at, warn_at, alarm_at)
SELECT r.id, r.opened_at, r.due_at, w.warn_at,
       CASE WHEN w.warn_at > n.at THEN w.warn_at WHEN r.due_at > n.at THEN r.due_at END
  FROM (SELECT id, to_timestamp(opened_at) AS opened_at, to_timestamp(due_at) AS due_at
          FROM imported_row WHERE closed_at IS NULL) r
 CROSS JOIN LATERAL (SELECT r.opened_at + (r.due_at - r.opened_at) * 0.8 AS warn_at) w
 CROSS JOIN (SELECT %(now)s::timestamptz AS at) n
