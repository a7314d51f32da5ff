package neo4jstore

import (
	"encoding/json"

	"lacuna/graph"
)

// storedValue is an attribute's value as it stands in JSON: its kind, and the text by which [graph.StoredValue] reads it again.
type storedValue struct {
	Name string          `json:"n"`
	Kind graph.ValueKind `json:"k"`
	Text string          `json:"v"`
}

// encodeValues writes attributes as JSON, "" for none.
func encodeValues(values []graph.NamedValue) string {
	if len(values) == 0 {
		return ""
	}
	list := make([]storedValue, len(values))
	for i, v := range values {
		list[i] = storedValue{v.Name, v.Value.Kind(), v.Value.String()}
	}
	return toJSON(list)
}

func decodeValues(text string) (values []graph.NamedValue, err error) {
	if text == "" {
		return nil, nil
	}
	var list []storedValue
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		return nil, damaged("read attributes")
	}
	for _, s := range list {
		v, err := graph.StoredValue(s.Text, s.Kind)
		if err != nil {
			return nil, err
		}
		values = append(values, graph.NamedValue{Name: s.Name, Value: v})
	}
	return values, nil
}

func toJSON(v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err) // types of ours that always can be written
	}
	return string(data)
}
