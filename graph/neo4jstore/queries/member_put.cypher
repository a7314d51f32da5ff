// Params: rows of segment, customer, since (microseconds or null).
UNWIND $rows AS row
MATCH (s:Segment {id: row.segment})
MATCH (c:Customer {id: row.customer})
MERGE (c)-[m:IN_SEGMENT]->(s)
SET m.since = row.since
