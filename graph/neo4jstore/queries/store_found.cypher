// What is there of the store. Returns: schema, eraseKey (hex); no record where there is nothing.
MATCH (s:LacunaStore {id: 1}) RETURN s.schema, s.eraseKey
