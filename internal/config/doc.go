// Package config settles the flags of a command from four sources. The nearest one wins:
//
//	flag on the command line > LACUNA_… environment variable > configuration file > default
//
// There is nothing but flags: every setting is one, and every flag has a variable and a key without being asked.
// The flag --create-missing is also the variable LACUNA_CREATE_MISSING and the key create_missing. So --help shows
// all that can be set, and a setting that nothing reads cannot be written down unnoticed.
//
// The file is lacuna.yaml in the working directory, when it is there, or the one that --config (LACUNA_CONFIG) names,
// which must be there; --config "" reads none. It is shared by all commands: a key applies to each command that has
// the flag, and a command's own section to that command alone, before the keys outside it:
//
//	zone: Asia/Taipei
//	store: sqlite:/var/lib/lacuna/lacuna.db
//	load:
//	  source: crm
//	  create_missing: true
//
// A variable set to nothing and a key without a value say nothing, as an empty cell does in a table. A key that is
// neither a flag nor a command is an error.
//
// An error names its source ("LACUNA_ZONE", "lacuna.yaml:3: zone") so that the reader knows what to mend, and never
// quotes the value of a [Secret] flag or a line of the file.
package config
