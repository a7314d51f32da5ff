// All that segments lack. Returns: segment, category, verdict, cause, customers, unmet, value, currency, since, asOf (microseconds).
MATCH (s:Segment)-[l:LACKS]->(c:Category)
RETURN s.id, c.id, l.verdict, l.cause, l.customers, l.unmet, l.value, l.currency, l.since, l.asOf
