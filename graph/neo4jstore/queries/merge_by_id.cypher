// Params: id. Returns: id, keep, retired, at, reason, undoneAt, keepBefore, retiredBefore, place.
MATCH (m:LacunaMerge {id: $id}) RETURN m.id, m.keep, m.retired, m.at, m.reason, m.undoneAt, m.keepBefore, m.retiredBefore, m.place
