// Params: id.
MATCH (s:Segment {id: $id}) DETACH DELETE s
