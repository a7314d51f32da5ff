// Where ids lead. Params: keys. Returns: id, leads, root, stub.
UNWIND $keys AS key
MATCH (r:LacunaRecord {id: key}) RETURN r.id, r.leads, r.root, r.stub
