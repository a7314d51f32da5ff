package archtest

// layer is one rule of the import law: what a package may import besides the standard library. A pattern that ends in
// "/..." means the package and all below it. A package may always import its own kin, those under the same pattern.
type layer struct {
	pattern string
	ours    []string // packages of this module
	outside []string // other modules; nil allows all but those that owners gives to others
	why     string
}

// layers is the law: cmd → server → resolvers → {loader, insight} → graph. A package that no row names is an error, so
// that a new one gets its place by decision.
var layers = []layer{
	{
		pattern: "graph",
		outside: []string{"golang.org/x/text"},
		why:     "the domain and its port know nobody; x/text alone, because folding must be the same in every store",
	},
	{
		pattern: "graph/graphtest/...",
		ours:    []string{"graph"},
		why:     "the contract judges any store by the port alone",
	},
	{
		pattern: "graph/sqlitestore/...",
		ours:    []string{"graph"},
		why:     "an adapter knows the port and its database",
	},
	{
		pattern: "graph/neo4jstore/...",
		ours:    []string{"graph"},
		why:     "an adapter knows the port and its database",
	},
	{
		pattern: "graph/model/...",
		ours:    []string{"graph", "insight/..."},
		why:     "the API's types are made from the schema, over the domain's",
	},
	{
		pattern: "graph/generated/...",
		ours:    []string{"graph", "graph/model/...", "insight/..."},
		why:     "the API's executor is made from the schema and its types",
	},
	{
		pattern: "insight/...",
		ours:    []string{"graph"},
		why:     "the engine computes on the domain, whoever asks",
	},
	{
		pattern: "loader/...",
		ours:    []string{"graph"},
		why:     "loaders read and write many records through the port",
	},
	{
		pattern: "resolvers/...",
		ours:    []string{"graph", "graph/generated/...", "graph/model/...", "insight/...", "loader/..."},
		why:     "resolvers decode, call and map; which store or transport is used is not theirs to know",
	},
	{
		pattern: "server/...",
		ours: []string{
			"graph", "graph/generated/...", "graph/model/...", "insight/...", "loader/...", "resolvers/...", "web/...",
			"internal/access", "internal/rows",
		},
		why: "the server carries questions to resolvers; the store is handed in",
	},
	{
		pattern: "web/...",
		outside: []string{},
		why:     "it only embeds the built pages",
	},
	{
		pattern: "cmd/...",
		ours: []string{
			"graph", "graph/sqlitestore/...", "graph/neo4jstore/...", "insight/...", "loader/...", "resolvers/...",
			"server/...", "web/...", "internal/access", "internal/config/...", "internal/doctor/...", "internal/evaluate", "internal/rows", "internal/synth/...",
		},
		why: "commands put the parts together; nothing imports them",
	},
	{
		pattern: "internal/config/...",
		ours:    []string{"graph"},
		why:     "settings are read at the door and handed in as plain values",
	},
	{
		pattern: "internal/access",
		why:     "who asks is known without knowing what is asked",
	},
	{
		pattern: "internal/doctor/...",
		ours:    []string{"graph"},
		why:     "data is judged through the port, whatever the store",
	},
	{
		pattern: "internal/evaluate",
		ours:    []string{"graph", "insight/...", "internal/synth/planted"},
		why:     "what is found is compared with the truth, which only files tell of",
	},
	{
		pattern: "internal/rows",
		why:     "rows are laid out from answers of the API, whoever gives them",
	},
	{
		pattern: "internal/synth/...",
		why:     "planted data is files, and must not know the engine that it tests",
	},
	{
		pattern: "internal/tools/...",
		ours:    []string{"graph", "graph/generated/...", "graph/model/...", "resolvers/..."},
		why:     "tools of the build look at the schema and the domain",
	},
	{
		pattern: "internal/e2e/...",
		ours: []string{
			"graph", "graph/graphtest/...", "graph/sqlitestore/...", "graph/neo4jstore/...", "graph/generated/...",
			"graph/model/...", "insight/...", "loader/...", "resolvers/...", "server/...", "web/...",
			"internal/access", "internal/config/...", "internal/doctor/...", "internal/synth/...",
		},
		why: "end-to-end tests put everything together, as commands do",
	},
	{
		pattern: "internal/archtest/...",
		why:     "it reads files",
	},
}

// owner names the only packages that may import from a module.
type owner struct {
	module   string
	packages []string
	why      string
}

var (
	stores  = "which database is used is an adapter's business"
	graphQL = "GraphQL ends at the resolvers; below them are plain Go values"
	api     = []string{"graph/generated/...", "graph/model/...", "resolvers/...", "server/...", "internal/tools/..."}
	proofs  = []string{"graph/graphtest/...", "graph/neo4jstore/neo4jtest", "internal/e2e/..."}
)

var owners = []owner{
	{"database/sql", nil, "the embedded store speaks to SQLite directly; nothing else speaks SQL"},
	{"zombiezen.com/go/sqlite", []string{"graph/sqlitestore/..."}, stores},
	{"modernc.org/sqlite", []string{"graph/sqlitestore/..."}, stores},
	{"github.com/neo4j/neo4j-go-driver", []string{"graph/neo4jstore/..."}, stores},
	{"github.com/99designs/gqlgen", api, graphQL},
	{"github.com/vektah/gqlparser", api, graphQL},
	{"github.com/spf13/cobra", []string{"cmd/...", "internal/config/..."}, "flags and commands end at the door"},
	{"github.com/spf13/pflag", []string{"cmd/...", "internal/config/..."}, "flags and commands end at the door"},
	{"github.com/google/go-cmp", proofs, "it is for tests"},
	{"pgregory.net/rapid", proofs, "it is for tests"},
	{"go.uber.org/goleak", proofs, "it is for tests"},
	{"testing", proofs, "it is for tests"},
}
