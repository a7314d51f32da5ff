package neo4jstore

import (
	"encoding/json"
	"strconv"

	"lacuna/graph"
)

// storedValue is an attribute's value as it stands in JSON: its kind, and the text by which it is read again.
type storedValue struct {
	Name string          `json:"n,omitempty"`
	Kind graph.ValueKind `json:"k"`
	Text string          `json:"v"`
}

func store(name string, v graph.Value) storedValue {
	return storedValue{name, v.Kind(), v.String()}
}

func (s storedValue) value() (v graph.Value, err error) {
	switch s.Kind {
	case graph.NumberKind: // files refuse numbers that are not exact; what is stored is read as it is
		var f float64
		f, err = strconv.ParseFloat(s.Text, 64)
		v = graph.NumberValue(f)
	default:
		v, err = graph.ParseValue(s.Text, s.Kind)
	}
	if err != nil || v.IsZero() {
		return v, damaged("read a value")
	}
	return v, nil
}

// encodeValues writes attributes as JSON, "" for none.
func encodeValues(values []graph.NamedValue) string {
	if len(values) == 0 {
		return ""
	}
	list := make([]storedValue, len(values))
	for i, v := range values {
		list[i] = store(v.Name, v.Value)
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
		v, err := s.value()
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
