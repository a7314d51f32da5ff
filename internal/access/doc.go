// Package access says who asks: a [Principal] with one [Role], known by an API key that a [Keyring] file holds as a hash.
package access
