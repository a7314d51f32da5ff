// Takes customers away who are none any more; what was theirs has been moved or goes with them. Params: ids.
UNWIND $ids AS id
MATCH (c:Customer {id: id})
OPTIONAL MATCH (c)-[:IN_HOUSEHOLD]->(h:Household)
DETACH DELETE c
WITH DISTINCT h, id
CALL (id) { MATCH (t:LacunaTerm {customerId: id}) DELETE t }
WITH DISTINCT h WHERE h IS NOT NULL AND NOT EXISTS { (h)<-[:IN_HOUSEHOLD]-() }
DELETE h
