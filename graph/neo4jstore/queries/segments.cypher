// All segments. Returns: id, name, description, rule (JSON).
MATCH (s:Segment) RETURN s.id, s.name, s.description, s.rule
