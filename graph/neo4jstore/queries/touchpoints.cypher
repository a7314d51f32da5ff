// Interactions of customers by channel and type. Params: customers. Returns: a list of [customer, channel, type, count, first, last], and
// how often owners had changed before and after.
MATCH (o:LacunaOwnership {id: 1}) WITH o.version AS before
CALL () {
  UNWIND $customers AS customer
  MATCH (i:Interaction) WHERE i.customerId = customer AND i.at IS NOT NULL
  WITH customer, i.channel AS channel, i.type AS type, count(i) AS n, min(i.at) AS first, max(i.at) AS last
  RETURN collect([customer, channel, type, n, first, last]) AS points
}
MATCH (o:LacunaOwnership {id: 1})
RETURN points, before, o.version AS after
