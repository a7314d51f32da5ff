// Customers with their newest interactions. Params: asks of n, and id (also a retired one) or key ("KIND:value"), the other one null; limit of
// the interactions of each; counted, a list of one where they are to be counted, else an empty one. Returns: a list of [n, id, profile (JSON),
// when first and last seen (microseconds), properties of interactions, count], how often owners had changed before and after, and the state of
// the store.
MATCH (o:LacunaOwnership {id: 1}) WITH o.version AS before
CALL () {
  UNWIND $asks AS ask
  CALL (ask) {
    MATCH (r:LacunaRecord {id: ask.id})
    MATCH (c:Customer {id: r.root})
    RETURN c
    UNION ALL
    MATCH (i:Identity {key: ask.key})
    MATCH (c:Customer {id: i.customerId})
    RETURN c
  }
  CALL (c) {
    OPTIONAL MATCH (i:Interaction) WHERE i.customerId = c.id AND i.at IS NOT NULL
    WITH i ORDER BY i.customerId, i.at LIMIT 1
    RETURN i.at AS first
  }
  CALL (c) {
    OPTIONAL MATCH (i:Interaction) WHERE i.customerId = c.id AND i.at IS NOT NULL AND i.ahead IS NULL
    WITH i ORDER BY i.customerId DESC, i.at DESC LIMIT 1
    RETURN i.at AS last
  }
  CALL (c) {
    MATCH (i:Interaction) WHERE i.customerId = c.id AND i.at IS NOT NULL
    WITH i ORDER BY i.customerId DESC, i.at DESC, i.id ASC LIMIT $limit
    RETURN collect(properties(i)) AS rows
  }
  CALL (c) {
    UNWIND $counted AS once
    MATCH (i:Interaction) WHERE i.customerId = c.id AND i.at IS NOT NULL
    RETURN count(i) AS total
  }
  RETURN collect([ask.n, c.id, c.profile, first, last, rows, total]) AS answers
}
MATCH (o:LacunaOwnership {id: 1})
MATCH (s:LacunaStore {id: 1})
RETURN answers, before, o.version AS after, s.state
