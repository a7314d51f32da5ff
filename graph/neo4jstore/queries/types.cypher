// The settled types of attributes. Returns: scope, name, kind.
MATCH (t:LacunaType) RETURN t.scope, t.name, t.kind
