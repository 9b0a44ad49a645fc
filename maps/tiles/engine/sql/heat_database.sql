-- Which database this is, whatever its name: the cluster's identifier and the database's own number.
SELECT s.system_identifier || '-' || d.oid AS name
  FROM pg_control_system() AS s, pg_database d WHERE d.datname = current_database()
