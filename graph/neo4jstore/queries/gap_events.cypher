// The history of gaps. Params: rows of segment, category. Returns: id, segment, category, at (microseconds), status, product, note, by.
UNWIND $rows AS row
MATCH (e:GapEvent {segment: row.segment, category: row.category})
RETURN e.id, e.segment, e.category, e.at, e.status, e.product, e.note, e.by
