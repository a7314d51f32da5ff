// Which of these were erased. Params: keys (hex). Returns: hash.
UNWIND $keys AS key
MATCH (e:LacunaErased {hash: key}) RETURN e.hash
