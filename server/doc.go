// Package server serves the graph over HTTP: the GraphQL endpoint, health, readiness and metrics, with one request id
// a request, one presenter of errors, and an orderly stop. It holds no rule of the domain.
package server
