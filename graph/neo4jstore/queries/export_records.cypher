// Records in order of id. Params: id (to go on after), limit. Returns: id, leads, root, stub.
MATCH (r:LacunaRecord) WHERE r.id > $id RETURN r.id, r.leads, r.root, r.stub ORDER BY r.id LIMIT $limit
