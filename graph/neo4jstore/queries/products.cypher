// All products. Returns: id, name, categories, tags, price (1/10,000), currency, launchedAt, retiredAt (microseconds), inStock, attributes (JSON).
MATCH (p:Product) RETURN p.id, p.name, p.categories, p.tags, p.price, p.currency, p.launchedAt, p.retiredAt, p.inStock, p.attributes
