// The merges of all ids that lead to a customer, newest first. Params: customer (any id). Returns: id, keep, retired, at, reason, undoneAt,
// keepBefore, retiredBefore, place; one record of nulls where there is none, and no record where there is no customer.
MATCH (r:LacunaRecord {id: $customer})
MATCH (x:LacunaRecord {root: r.root})
WITH collect(x.id) AS ids
OPTIONAL CALL (ids) {
  UNWIND ids AS id
  MATCH (m:LacunaMerge {keep: id}) RETURN m
  UNION
  WITH ids UNWIND ids AS id
  MATCH (m:LacunaMerge {retired: id}) RETURN m
}
RETURN m.id, m.keep, m.retired, m.at, m.reason, m.undoneAt, m.keepBefore, m.retiredBefore, m.place ORDER BY m.place DESC
