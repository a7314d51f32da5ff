// Params: key, source, file, name, records. Returns: whether that changed anything.
MERGE (u:LacunaUnread {key: $key})
WITH u, coalesce(u.records <> $records, true) AS is
SET u.source = $source, u.file = $file, u.name = $name, u.records = $records
RETURN is
