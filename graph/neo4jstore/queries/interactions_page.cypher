// Pages of customers' interactions, newest first, then by id. Params: limit; queries of n, customer, from, until (microseconds, both
// included), tieAt and tie (the key to go on after, or null), types, channels, product, query (folded; null for any), filed (place in filed,
// null for any category); filed of categories, products.
// Returns: a list of [n, rows], and how often owners had changed before and after.
MATCH (o:LacunaOwnership {id: 1}) WITH o.version AS before
CALL () {
  UNWIND $queries AS q
  CALL (q) {
    MATCH (i:Interaction)
    WHERE i.customerId = q.customer AND i.at >= q.from AND i.at <= q.until
    AND (q.types IS NULL OR i.type IN q.types)
    AND (q.channels IS NULL OR coalesce(i.channel, "") IN q.channels)
    AND (q.product IS NULL OR i.product = q.product)
    AND (q.query IS NULL OR coalesce(i.queryFold, i.query, "") CONTAINS q.query)
    AND (q.filed IS NULL OR i.category IN $filed[q.filed].categories OR i.category IS NULL AND i.product IN $filed[q.filed].products)
    AND (q.tie IS NULL OR i.at < q.tieAt OR i.id > q.tie)
    WITH i ORDER BY i.customerId DESC, i.at DESC, i.id ASC LIMIT $limit
    RETURN collect(properties(i)) AS rows
  }
  RETURN collect([q.n, rows]) AS pages
}
MATCH (o:LacunaOwnership {id: 1})
RETURN pages, before, o.version AS after
