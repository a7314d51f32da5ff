// All categories. Returns: id, name, names (JSON by language), parent.
MATCH (c:Category) RETURN c.id, c.name, c.names, c.parent
