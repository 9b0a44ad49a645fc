-- What a tile depends on: the events since a transaction, the edition of the catalogue, the maps published.
SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS settled,
       -- In the index's order and no further than a tail is read: PostgreSQL would expect a third of all events.
       (SELECT count(*) FROM (SELECT FROM issues_event e WHERE e.written_in >= %(since)s::text::xid8
                               ORDER BY e.written_in LIMIT 100001) AS tail) AS events,
       (SELECT number FROM issues_edition) AS edition,
       ARRAY(SELECT v.id FROM layers_layerversion v JOIN layers_layer l ON l.id = v.layer_id
              WHERE v.state = 'active' AND l.kind = 'area' ORDER BY v.id)::bigint[] AS versions
