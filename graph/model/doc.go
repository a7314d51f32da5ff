// Package model holds the types of the GraphQL schema: views of the domain's types, written by hand, the scalars, and in
// models_gen.go the inputs and payloads that gqlgen writes from the schema.
package model
