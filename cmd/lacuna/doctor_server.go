package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"lacuna/graph/neo4jstore"
	"lacuna/internal/doctor"
)

// What is told of a server.
const (
	knownServer  = "5."            // the versions that the store is tested with begin so
	mostClockOff = 2 * time.Second // beyond it times that the server and we write do not fit together
)

// serverFindings looks at a server, and tells whether its store's schema is of this version.
func serverFindings(ctx context.Context, p place) (findings []doctor.Finding, current bool, err error) {
	state, err := neo4jstore.Inspect(ctx, p.server)
	if err != nil {
		return nil, false, fmt.Errorf("%s: %w", p.name, err)
	}
	add := func(check string, severity doctor.Severity, remedy, format string, args ...any) {
		findings = append(findings, doctor.Finding{Check: check, Severity: severity, Message: fmt.Sprintf(format, args...), Remedy: remedy})
	}
	switch {
	case state.Schema == 0:
		add(doctor.CheckStore, doctor.Problem, "load files to begin one: lacuna load PATH --store "+p.name, "the database has no data of this program")
	case state.Schema < neo4jstore.SchemaVersion:
		add(doctor.CheckSchema, doctor.Warning, "make a backup, then open it once for writing, which brings it up to date: lacuna serve",
			"the schema has the older version %d, this program writes %d; the data was not checked", state.Schema, neo4jstore.SchemaVersion)
	case state.Schema > neo4jstore.SchemaVersion:
		add(doctor.CheckSchema, doctor.Problem, "use the release of lacuna that wrote it, or a newer one",
			"the schema has version %d, this program knows up to %d", state.Schema, neo4jstore.SchemaVersion)
	}
	if !strings.HasPrefix(state.Version, knownServer) {
		add(doctor.CheckServer, doctor.Warning, "use Neo4j 5.26, the version with long support that lacuna is tested with", "the server is Neo4j %s (%s)", state.Version, state.Edition)
	}
	if len(state.Offline) > 0 {
		add(doctor.CheckServer, doctor.Problem, "wait until they are built (SHOW INDEXES tells how far), or drop and make again those that FAILED",
			"indexes are not online, so that queries read everything: %s", strings.Join(state.Offline, ", "))
	}
	if off := state.ClockOff.Round(time.Millisecond); off.Abs() > mostClockOff {
		add(doctor.CheckServer, doctor.Warning, "let both machines follow a time server", "the server's clock is %s off ours", off)
	}
	if state.KeepAlive == "ALL" {
		add(doctor.CheckServer, doctor.Note, "set server.bolt.connection_keep_alive_for_requests=OFF in neo4j.conf where the server is yours; elsewhere keep the file of figures, so that a restart does not read everything",
			"the server asks clients to watch every read (keep-alive ALL): reading everything takes twice as long")
	}
	return findings, state.Schema == neo4jstore.SchemaVersion, nil
}
