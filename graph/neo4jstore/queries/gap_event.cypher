// Params: id. Returns: id, segment, category, at (microseconds), status, product, note, by.
MATCH (e:GapEvent {id: $id}) RETURN e.id, e.segment, e.category, e.at, e.status, e.product, e.note, e.by
