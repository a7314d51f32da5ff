// The commit that a position belongs to. Params: seq. Returns: tag.
MATCH (c:LacunaCommit) WHERE c.seq >= $seq RETURN c.tag ORDER BY c.seq LIMIT 1
