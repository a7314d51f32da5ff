// Params: keys. Returns: the properties of an interaction.
UNWIND $keys AS key
MATCH (i:Interaction {id: key})
RETURN properties(i)
