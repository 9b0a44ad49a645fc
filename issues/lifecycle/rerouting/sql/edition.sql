-- The number that changes with every change of services, teams or rules.
SELECT number FROM issues_edition
