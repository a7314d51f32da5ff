package neo4jstore

import (
	"context"
	"embed"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"strings"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"lacuna/graph"
)

// SchemaVersion is the version of the schema that this package writes.
const SchemaVersion = 2

//go:embed migrations/*.cypher
var migrations embed.FS

// statements gives those that lead to a version.
func statements(version int) ([]string, error) {
	entries, err := migrations.ReadDir("migrations")
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), fmt.Sprintf("%04d_", version)) {
			text, err := migrations.ReadFile("migrations/" + e.Name())
			if err != nil {
				return nil, err
			}
			list := strings.Split(withoutComments(string(text)), ";")
			return list[:len(list)-1], nil
		}
	}
	return nil, fmt.Errorf("there is no migration to version %d", version)
}

// settle brings the database to SchemaVersion. Every step can be repeated, also by several processes at once.
func (s *Store) settle(ctx context.Context) (err error) {
	session := s.session(ctx, neo4j.AccessModeWrite)
	defer closeSession(ctx, session, &err)
	version, err := s.found(ctx, session)
	if err != nil {
		return err
	}
	switch {
	case version > SchemaVersion:
		return fmt.Errorf("%w: its schema has version %d, this program knows up to %d: use a newer one", graph.ErrNewerSchema, version, SchemaVersion)
	case version == SchemaVersion:
		return nil
	case version == 0 && !s.opts.CreateIfMissing:
		return fmt.Errorf("the database has no data of this program: 'lacuna load' or 'lacuna serve' begins one: %w", graph.ErrNotFound)
	}
	for v := version + 1; v <= SchemaVersion; v++ {
		list, err := statements(v)
		if err != nil {
			return err
		}
		for _, statement := range list {
			if err := execute(ctx, session, statement, nil); err != nil {
				return err
			}
		}
	}
	if err := execute(ctx, session, "CALL db.awaitIndexes(300)", nil); err != nil {
		return err
	}
	return s.establish(ctx, session)
}

// execute runs a statement by itself, as changes of the schema must be.
func execute(ctx context.Context, session neo4j.SessionWithContext, statement string, p params) error {
	for try := range tries {
		result, err := session.Run(ctx, statement, p)
		if err == nil {
			_, err = result.Consume(ctx)
		}
		if !again(ctx, try, err) {
			return err
		}
	}
	return nil
}

// found reads what there is of the store, version 0 where there is nothing.
func (s *Store) found(ctx context.Context, session neo4j.SessionWithContext) (version int, err error) {
	result, err := session.Run(ctx, query("store_found"), nil)
	if err != nil {
		return 0, err
	}
	records, err := result.Collect(ctx)
	if err != nil || len(records) == 0 {
		return 0, err
	}
	number, _ := records[0].Values[0].(int64)
	if s.eraseKey, err = hex.DecodeString(text(records[0].Values[1])); err != nil {
		return 0, damaged("read the key of the store")
	}
	return int(number), nil
}

// establish writes what makes this store different from all others, unless another process has just done so.
func (s *Store) establish(ctx context.Context, session neo4j.SessionWithContext) error {
	var secret [8 + 32]byte
	if _, err := io.ReadFull(s.opts.Rand, secret[:]); err != nil {
		return fmt.Errorf("read random bytes: %w", err)
	}
	tag := int64(binary.LittleEndian.Uint64(secret[:8]) >> 1)
	result, err := session.Run(ctx, query("store_establish"), params{
		"schema": int64(SchemaVersion), "state": state{StoreTag: tag, Tag: tag, Catalog: 1}.text(), "eraseKey": hex.EncodeToString(secret[8:]),
	})
	if err != nil {
		return err
	}
	summary, err := result.Consume(ctx)
	if err != nil {
		return err
	}
	s.created = summary.Counters().NodesCreated() > 0
	_, err = s.found(ctx, session)
	return err
}
