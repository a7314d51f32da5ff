//go:build linux || darwin || freebsd

package sqlitestore

import "golang.org/x/sys/unix"

// freeBytes gives the room that this user has on the disk of a folder, -1 where it cannot be told.
func freeBytes(folder string) int64 {
	var fs unix.Statfs_t
	if unix.Statfs(folder, &fs) != nil {
		return -1
	}
	return int64(fs.Bavail) * int64(fs.Bsize)
}
