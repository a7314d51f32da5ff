// Package generated is gqlgen's executor of the schema; everything but this file is written by it.
package generated

//go:generate sh -c "cd ../.. && go tool gqlgen generate"
