// Package sample holds a small travel marketplace in Taiwan, as files of the generic format: 32 customers who are known by
// e-mail, phone, LINE, loyalty card and device, what they looked for, and what they bought. The people are invented.
package sample

import (
	"embed"
	"io/fs"
)

// The settings that the files are meant for.
const (
	Zone     = "Asia/Taipei"
	Currency = "TWD"
)

//go:embed files
var files embed.FS

// Files gives the folder to load.
func Files() fs.FS {
	sub, err := fs.Sub(files, "files")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return sub
}
