// Returns: id, content (hex), origin, reason, source.
MATCH (r:LacunaRetracted) RETURN r.id, r.content, r.origin, r.reason, r.source ORDER BY r.id
