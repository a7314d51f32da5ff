// Params: rows of segment, customer.
UNWIND $rows AS row
MATCH (c:Customer {id: row.customer})-[m:IN_SEGMENT]->(:Segment {id: row.segment})
DELETE m
