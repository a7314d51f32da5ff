// Indexes that queries cannot use yet, or any more. Returns: name.
SHOW INDEXES YIELD name, state WHERE state <> 'ONLINE' RETURN name
