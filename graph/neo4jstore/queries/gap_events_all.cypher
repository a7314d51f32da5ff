// The events of all gaps in order of time and id. Params: at, id (to go on after), limit.
// Returns: id, segment, category, at (microseconds), status, product, note, by.
MATCH (e:GapEvent) WHERE e.at >= $at AND e.id IS NOT NULL AND (e.at > $at OR e.id > $id)
RETURN e.id, e.segment, e.category, e.at, e.status, e.product, e.note, e.by ORDER BY e.at, e.id LIMIT $limit
