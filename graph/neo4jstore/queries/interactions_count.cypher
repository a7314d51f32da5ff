// Counts what interactions_page would page through. Params: queries, filed, as there. Returns: a list of [n, count], and how often owners had
// changed before and after.
MATCH (o:LacunaOwnership {id: 1}) WITH o.version AS before
CALL () {
  UNWIND $queries AS q
  CALL (q) {
    MATCH (i:Interaction)
    WHERE i.customerId = q.customer AND i.at >= q.from AND i.at <= q.all
    AND (q.types IS NULL OR i.type IN q.types)
    AND (q.channels IS NULL OR coalesce(i.channel, "") IN q.channels)
    AND (q.product IS NULL OR i.product = q.product)
    AND (q.query IS NULL OR coalesce(i.queryFold, i.query, "") CONTAINS q.query)
    AND (q.filed IS NULL OR i.category IN $filed[q.filed].categories OR i.category IS NULL AND i.product IN $filed[q.filed].products)
    RETURN count(i) AS rows
  }
  RETURN collect([q.n, rows]) AS counts
}
MATCH (o:LacunaOwnership {id: 1})
RETURN counts, before, o.version AS after
