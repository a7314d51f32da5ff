package sqlitestore

import (
	"context"
	"errors"
	"fmt"

	"zombiezen.com/go/sqlite"

	"lacuna/graph"
)

// translate turns what SQLite answers into the errors of the port, with the remedy. It leaves those of the port as they are.
func translate(ctx context.Context, err error) error {
	if err == nil || isOurs(err) {
		return err
	}
	code, known := resultCode(err)
	if !known {
		return err
	}
	if code == sqlite.ResultReadOnlyDBMoved {
		return join(graph.ErrUnavailable, "the file was moved or deleted while it was open: put it back and open it again", err)
	}
	switch code.ToPrimary() {
	case sqlite.ResultInterrupt:
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		return join(graph.ErrUnavailable, "the call was interrupted", err)
	case sqlite.ResultBusy, sqlite.ResultLocked, sqlite.ResultProtocol:
		return join(graph.ErrUnavailable, "another process is writing to the file: try again when it is done", err)
	case sqlite.ResultFull:
		return join(graph.ErrUnavailable, "the disk is full: free some space and try again", err)
	case sqlite.ResultIOErr:
		return join(graph.ErrUnavailable, "the disk or file system failed: see the system's log, free some space, and try again", err)
	case sqlite.ResultCantOpen:
		return join(graph.ErrUnavailable, "the file or its folder cannot be opened: check that they exist and that you may write there", err)
	case sqlite.ResultNoMem:
		return join(graph.ErrUnavailable, "there is not enough memory", err)
	case sqlite.ResultReadOnly, sqlite.ResultPerm, sqlite.ResultAuth:
		return join(graph.ErrReadOnly, "open it with the right to write the file and its folder", err)
	case sqlite.ResultCorrupt, sqlite.ResultNotADB, sqlite.ResultFormat:
		return join(graph.ErrDamaged, "restore the file from a backup, or load the data again into a new one", err)
	}
	return err
}

// resultCode finds SQLite's code in an error. A plain ERROR says nothing that could be translated.
func resultCode(err error) (sqlite.ResultCode, bool) {
	code := sqlite.ErrCode(err)
	return code, code != sqlite.ResultOK && code != sqlite.ResultError
}

func join(sentinel error, remedy string, cause error) error {
	return fmt.Errorf("%w: %s (%w)", sentinel, remedy, cause)
}

func isOurs(err error) bool {
	for _, sentinel := range []error{
		graph.ErrNotFound, graph.ErrConflict, graph.ErrInvalid, graph.ErrUnavailable, graph.ErrReadOnly, graph.ErrClosed,
		graph.ErrNewerSchema, graph.ErrDamaged, graph.ErrCursorExpired, context.Canceled, context.DeadlineExceeded,
	} {
		if errors.Is(err, sentinel) {
			return true
		}
	}
	return false
}

// damaged is for what is stored and cannot be read as what was written.
func damaged(what string) error {
	return fmt.Errorf("%s: %w: restore the file from a backup, or load the data again into a new one", what, graph.ErrDamaged)
}
