// Returns: segment, how many members.
MATCH (s:Segment) WITH s.id AS id, COUNT { (s)<-[:IN_SEGMENT]-() } AS n WHERE n > 0
RETURN id, n
