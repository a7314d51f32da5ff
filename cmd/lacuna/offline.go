package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"

	"lacuna/graph"
	"lacuna/graph/neo4jstore"
)

// writeOffline writes what was loaded as files for neo4j-admin, and says what to do with them.
func (f *loadFlags) writeOffline(ctx context.Context, store graph.Store, stdout, stderr io.Writer) (err error) {
	files, err := neo4jstore.NewImport(f.offline, rand.Reader)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, files.Discard())
		}
	}()
	progress := newCountProgress(stderr, "write "+f.offline)
	defer progress.end()
	var rows, total int64
	for p, err := range store.(*temporary).Store.(graph.Archive).Export(ctx) {
		if err != nil {
			return err
		}
		if p.Header != nil {
			total = p.Header.Rows
		}
		if err := files.Add(p); err != nil {
			return err
		}
		rows += int64(len(p.People) + len(p.Interactions))
		progress.count(rows, total)
	}
	arguments, err := files.Finish(time.Now(), f.database())
	if err != nil {
		return err
	}
	progress.end()
	if f.asJSON {
		stdout = stderr
	}
	_, err = fmt.Fprintf(stdout, "\nwith the server stopped this puts everything into its database, in the place of what is there:\n\nneo4j-admin %s\n\n"+
		"then start the server, and lacuna serve --store neo4j://… makes the indexes\n", quoted(arguments))
	return err
}

// database is the one that --store names.
func (f *loadFlags) database() string {
	if p, err := f.store.place(); err == nil && p.server.Database != "" {
		return p.server.Database
	}
	return "neo4j"
}

// plain are arguments that a shell takes as they are.
var plain = regexp.MustCompile(`^[A-Za-z0-9_@%+=:,./-]+$`)

// quoted writes arguments for a shell.
func quoted(arguments []string) string {
	list := make([]string, len(arguments))
	for i, a := range arguments {
		if list[i] = a; !plain.MatchString(a) {
			list[i] = "'" + strings.ReplaceAll(a, "'", `'\''`) + "'"
		}
	}
	return strings.Join(list, " ")
}
