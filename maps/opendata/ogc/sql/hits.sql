-- How many features of a public collection a query finds; the braces are filled by `reading`.
SELECT count(*) FROM ({collection}) AS c WHERE {where}
