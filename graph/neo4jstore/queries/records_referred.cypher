// Customers of today of whom somebody said that one of these referred them. Params: ids. Returns: root.
UNWIND $ids AS id
MATCH (x:LacunaRecord {id: id})<-[:NAMES]-(r:LacunaRecord)
RETURN DISTINCT r.root
