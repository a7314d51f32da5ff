// All that came under the ids of customers of today. Params: keys. Returns: id, leads, root, stub, facts (JSON).
UNWIND $keys AS key
MATCH (r:LacunaRecord {root: key}) RETURN r.id, r.leads, r.root, r.stub, r.facts
