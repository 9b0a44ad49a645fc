-- Whoever writes rules holds the edition: publications come one after another, and none is missed.
SELECT number FROM issues_edition FOR UPDATE
