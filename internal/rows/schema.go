package rows

import (
	"bytes"
	"encoding/json"
	"strconv"
)

var kindNames = map[Kind]string{Text: "string", Number: "number", Boolean: "boolean"}

// columnSchema describes a column.
type columnSchema struct {
	Name        string `json:"name"`
	Type        string `json:"type"` // string, number or boolean
	Nullable    bool   `json:"nullable"`
	Description string `json:"description"`
}

// parameterSchema describes a parameter.
type parameterSchema struct {
	Name        string   `json:"name"`
	Description string   `json:"description"`
	Values      []string `json:"values,omitempty"` // all that there are
	List        bool     `json:"list"`             // several, with commas between them
}

// propertySchema is the JSON Schema of a cell.
type propertySchema struct {
	Type        []string `json:"type"`
	Description string   `json:"description"`
}

// properties keep their order, which an object of Go's maps would not.
type properties []columnSchema

// MarshalJSON writes an object.
func (p properties) MarshalJSON() ([]byte, error) {
	var out bytes.Buffer
	for i, c := range p {
		text, err := json.Marshal(propertySchema{[]string{c.Type, "null"}, c.Description})
		if err != nil {
			return nil, err
		}
		out.WriteByte("{,"[min(i, 1)])
		out.WriteString(strconv.Quote(c.Name) + ":")
		out.Write(text)
	}
	out.WriteByte('}')
	return out.Bytes(), nil
}

// Schema describes the rows of a view, for these options, as JSON: a JSON Schema of a row, with the columns in order and the parameters beside it. Every cell
// may be missing.
func (v View) Schema(o Options) ([]byte, error) {
	schema := struct {
		Schema               string            `json:"$schema"`
		Title                string            `json:"title"`
		Description          string            `json:"description"`
		Type                 string            `json:"type"`
		Properties           properties        `json:"properties"`
		Required             []string          `json:"required"`
		AdditionalProperties bool              `json:"additionalProperties"`
		Columns              []columnSchema    `json:"columns"`
		Parameters           []parameterSchema `json:"parameters"`
		Formats              []string          `json:"formats"`
	}{
		Schema: "https://json-schema.org/draft/2020-12/schema", Title: v.Name, Description: v.Help, Type: "object", Parameters: []parameterSchema{}, Formats: Formats(),
	}
	for _, c := range v.Columns(o) {
		schema.Required = append(schema.Required, c.Name)
		schema.Columns = append(schema.Columns, columnSchema{c.Name, kindNames[c.Kind], true, c.Help})
	}
	schema.Properties = schema.Columns
	for _, p := range v.Parameters() {
		schema.Parameters = append(schema.Parameters, parameterSchema{p.Name, p.Help, p.Values, p.List})
	}
	text, err := json.MarshalIndent(schema, "", "  ")
	return append(text, '\n'), err
}
