// Makes the number odd. Returns: version.
MATCH (o:LacunaOwnership {id: 1})
SET o.version = o.version + 1 + o.version % 2
RETURN o.version
