// Params: search, searchKey. Returns: how many customers are found.
MATCH (t:LacunaTerm) WHERE t.key STARTS WITH $searchKey AND t.text STARTS WITH $search
RETURN count(DISTINCT t.customerId)
