// Entries of the feed. Params: from, until, limit. Returns: seq, kind, key, customer.
MATCH (c:LacunaChange) WHERE c.seq > $from AND c.seq <= $until
RETURN c.seq, c.kind, c.key, c.customer ORDER BY c.seq LIMIT $limit
