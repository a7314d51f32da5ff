// Params: rows of segment, category, verdict, cause, customers, unmet, value, currency, since, asOf (microseconds).
UNWIND $rows AS row
MATCH (s:Segment {id: row.segment})
MATCH (c:Category {id: row.category})
MERGE (s)-[l:LACKS]->(c)
SET l.verdict = row.verdict, l.cause = row.cause, l.customers = row.customers, l.unmet = row.unmet, l.value = row.value,
    l.currency = row.currency, l.since = row.since, l.asOf = row.asOf
