// Params: keys. Returns: id, content (hex).
UNWIND $keys AS key
MATCH (r:LacunaRetracted {id: key}) RETURN r.id, r.content
