// Package web holds the built pages: the start page and the playground. Their sources stand beside it, and `make web`
// builds them into dist, which is committed so that building the program needs Go alone.
package web

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var dist embed.FS

// Pages gives the built files: index.html, playground.html, and what they load. Files under assets/ have a hash of their
// content in their name, so what stands under a name never changes.
func Pages() fs.FS {
	pages, err := fs.Sub(dist, "dist")
	if err != nil {
		panic(err) // only for a path that is not valid, and this one is
	}
	return pages
}
