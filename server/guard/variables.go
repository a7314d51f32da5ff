package guard

// Variables refuses variables, as JSON was decoded, that nest deeper or hold more than the limits allow.
func (l Limits) Variables(variables map[string]any) *Refusal {
	c := counter{limits: l}
	for _, value := range variables {
		if r := c.add(value, 1); r != nil {
			return r
		}
	}
	return nil
}

type counter struct {
	limits Limits
	values int
}

func (c *counter) add(value any, depth int) *Refusal {
	c.values++
	if r := refuse("variable-values", c.limits.VariableValues, c.values); r != nil {
		return r
	}
	switch v := value.(type) {
	case []any:
		if r := refuse("variable-depth", c.limits.VariableDepth, depth); r != nil {
			return r
		}
		for _, element := range v {
			if r := c.add(element, depth+1); r != nil {
				return r
			}
		}
	case map[string]any:
		if r := refuse("variable-depth", c.limits.VariableDepth, depth); r != nil {
			return r
		}
		for _, element := range v {
			if r := c.add(element, depth+1); r != nil {
				return r
			}
		}
	}
	return nil
}
