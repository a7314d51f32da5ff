// Params: rows of segment, category.
UNWIND $rows AS row
MATCH (:Segment {id: row.segment})-[l:LACKS]->(:Category {id: row.category})
DELETE l
