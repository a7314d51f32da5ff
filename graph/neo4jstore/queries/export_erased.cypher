// Returns: hash (hex).
MATCH (e:LacunaErased) RETURN e.hash ORDER BY e.hash
