// The latest merge after a place that a customer took part in and that stands. Params: customer, place. Returns: id.
CALL () {
  MATCH (m:LacunaMerge {keep: $customer}) RETURN m
  UNION
  MATCH (m:LacunaMerge {retired: $customer}) RETURN m
}
WITH m WHERE m.place > $place AND m.undoneAt IS NULL
RETURN m.id ORDER BY m.place DESC LIMIT 1
