// Params: limit. Returns: name, records, pairs of source and file.
MATCH (u:LacunaUnread)
WITH u.name AS name, sum(u.records) AS n, count(u) AS files WHERE n > 0
RETURN name, n, files ORDER BY n DESC, name LIMIT $limit
