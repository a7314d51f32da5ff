// Params: ids.
UNWIND $ids AS id
MATCH (i:Interaction {id: id}) DETACH DELETE i
