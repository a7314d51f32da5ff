// Returns: source, file, name, records.
MATCH (u:LacunaUnread) RETURN u.source, u.file, u.name, u.records ORDER BY u.key
