// All customers. Returns: id, profile (JSON).
MATCH (c:Customer) RETURN c.id, c.profile
