// Members of a segment in order of id. Params: segment, after, limit. Returns: id, since (microseconds).
MATCH (s:Segment {id: $segment})<-[m:IN_SEGMENT]-(c:Customer) WHERE c.id > $after
RETURN c.id, m.since ORDER BY c.id LIMIT $limit
