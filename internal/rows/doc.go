// Package rows gives answers of the API as flat rows, for spreadsheets, dashboards and notebooks. A view is a question in GraphQL and how
// its answer is laid out, so that a row says the same as the API does.
package rows
