// Params: id, at.
MATCH (m:LacunaMerge {id: $id})
SET m.undoneAt = $at, m.report = null, m.keepBefore = null, m.retiredBefore = null
