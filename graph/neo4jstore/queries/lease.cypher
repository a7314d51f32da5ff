// Takes the lease of memberships. Params: holder, now, until (microseconds). Returns: one record where it is held.
MERGE (l:LacunaLease {id: 1})
WITH l WHERE l.holder IS NULL OR l.holder = $holder OR l.until <= $now
SET l.holder = $holder, l.until = $until
RETURN l.until
