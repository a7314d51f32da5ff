// Params: holder, now. Returns: one record where it is held.
MATCH (l:LacunaLease {id: 1}) WHERE l.holder = $holder AND l.until > $now RETURN l.until
