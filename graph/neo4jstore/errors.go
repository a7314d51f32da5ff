package neo4jstore

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"lacuna/graph"
)

// errDamaged is the error of what is stored and cannot be read as what was written.
func damaged(what string) error { return fmt.Errorf("%s: %w", what, graph.ErrDamaged) }

// translate turns the driver's errors into the port's. Messages of the server are not passed on where they could repeat what was sent.
func translate(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	for _, own := range []error{graph.ErrNotFound, graph.ErrConflict, graph.ErrInvalid, graph.ErrUnavailable, graph.ErrReadOnly, graph.ErrClosed,
		graph.ErrNewerSchema, graph.ErrDamaged, graph.ErrCursorExpired} {
		if errors.Is(err, own) {
			return err
		}
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if server, ok := errors.AsType[*neo4j.Neo4jError](err); ok {
		return translateServer(server)
	}
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("%w: the server does not answer in time", graph.ErrUnavailable)
	case neo4j.IsConnectivityError(err), neo4j.IsTransactionExecutionLimit(err), neo4j.IsRetryable(err):
		return fmt.Errorf("%w: the server cannot be reached: %s", graph.ErrUnavailable, firstLine(err.Error()))
	}
	return err
}

// firstLine gives the beginning of what the driver says, which names no more than addresses.
func firstLine(s string) string {
	const most = 200
	line, _, _ := strings.Cut(strings.TrimPrefix(s, "ConnectivityError: "), "\n")
	if len(line) > most {
		line = line[:most] + "…"
	}
	return line
}

func translateServer(err *neo4j.Neo4jError) error {
	switch {
	case err.Code == "Neo.ClientError.Security.Unauthorized":
		return fmt.Errorf("%w: the server refuses the user or the password: check --store and LACUNA_NEO4J_PASSWORD", graph.ErrInvalid)
	case err.Code == "Neo.ClientError.Security.AuthenticationRateLimit":
		return fmt.Errorf("%w: the server refuses to answer after several wrong passwords: check LACUNA_NEO4J_PASSWORD and wait a moment", graph.ErrUnavailable)
	case err.Code == "Neo.ClientError.Database.DatabaseNotFound":
		return fmt.Errorf("%w: the server has no database of that name: check the end of --store", graph.ErrInvalid)
	case strings.HasPrefix(err.Code, "Neo.ClientError.Security."), err.Code == "Neo.ClientError.General.ForbiddenOnReadOnlyDatabase":
		return fmt.Errorf("%w: the server refuses to write: %s", graph.ErrReadOnly, err.Code)
	case strings.HasPrefix(err.Code, "Neo.TransientError."), err.Code == "Neo.ClientError.Transaction.LockAcquisitionTimeout", neo4j.IsRetryable(err):
		return fmt.Errorf("%w: the server is busy or on its way down: %s", graph.ErrUnavailable, err.Code)
	case strings.HasPrefix(err.Code, "Neo.DatabaseError."):
		return fmt.Errorf("%w: the server failed: %s", graph.ErrUnavailable, err.Code)
	}
	return fmt.Errorf("the server refuses a query of ours: %s: %w", err.Code, err)
}
