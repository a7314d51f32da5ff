// Params: rows of id, segment, category, at (microseconds), status, product, note, by.
UNWIND $rows AS row
CREATE (:GapEvent {id: row.id, segment: row.segment, category: row.category, at: row.at, status: row.status, product: row.product, note: row.note, by: row.by})
