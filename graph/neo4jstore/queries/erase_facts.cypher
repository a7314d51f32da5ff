// Params: ids, root.
UNWIND $ids AS id
MATCH (r:LacunaRecord {id: id}) DETACH DELETE r
WITH count(*) AS n
MATCH (i:Identity {customerId: $root}) DETACH DELETE i
