-- The work of a team on its leader's board: what crews were given for a day, and the most pressing of the rest.
WITH mine AS (
    SELECT i.id FROM issues_issue i WHERE i.is_open AND i.team_id = %(team)s::bigint
    UNION
    SELECT x.issue_id FROM issues_issuestep x WHERE x.state = 'open' AND x.away AND x.team_id = %(team)s::bigint
    UNION
    SELECT a.issue_id FROM issues_assignment a JOIN issues_crew c ON c.id = a.crew_id AND c.team_id = %(team)s::bigint
     WHERE a.on = %(on)s::date
), cards AS (
    SELECT i.id, i.protocol, i.state, i.is_open, i.address, i.neighbourhood, i.priority, i.due_at, i.closed_at,
           s.name AS service_name, c.id AS crew_id, a.is_pinned, a.position, a.arrives_at,
           (i.team_id = %(team)s::bigint OR EXISTS (
               SELECT FROM issues_issuestep x
                WHERE x.issue_id = i.id AND x.state = 'open' AND x.team_id = %(team)s::bigint)) AS is_ours,
           (SELECT min(l.on) FROM issues_assignment l WHERE l.issue_id = i.id AND l.on > %(on)s::date) AS later_on,
           row_number() OVER (PARTITION BY c.id ORDER BY i.is_open, i.closed_at, a.position NULLS LAST,
                                                    i.priority <> 1, i.due_at, i.id) AS place,
           count(*) OVER (PARTITION BY c.id) AS among
      FROM mine JOIN issues_issue i USING (id)
      JOIN issues_service s ON s.id = i.service_id
      LEFT JOIN issues_assignment a ON a.issue_id = i.id AND a.on = %(on)s::date
      LEFT JOIN issues_crew c ON c.id = a.crew_id AND c.team_id = %(team)s::bigint
     WHERE i.is_open OR c.id IS NOT NULL
)
SELECT * FROM cards
 WHERE (is_ours OR NOT is_open) AND (crew_id IS NOT NULL OR place <= %(limit)s::int)
 ORDER BY crew_id NULLS FIRST, place
