// All interactions recorded up to a position. Params: until. Returns: the properties of an interaction.
MATCH (i:Interaction) WHERE i.seq <= $until
RETURN properties(i)
