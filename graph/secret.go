package graph

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"io"
	"strings"
)

// ErasedHash is what a store keeps of an id or an identity that was erased: nobody without the store's key can tell whom it stands for.
func ErasedHash(key []byte, ref CustomerRef) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte{byte(ref.Kind)})
	mac.Write([]byte(ref.Value))
	return mac.Sum(nil)
}

// RandomID makes an id that nobody can guess: a prefix and 80 bits.
func RandomID(r io.Reader, prefix string) (string, error) {
	var random [10]byte
	if _, err := io.ReadFull(r, random[:]); err != nil {
		return "", fmt.Errorf("read random bytes: %w", err)
	}
	return prefix + strings.ToLower(base32.StdEncoding.EncodeToString(random[:])), nil
}

// RandomTag makes the tag of a commit, see [Position]: 63 bits.
func RandomTag(r io.Reader) (int64, error) {
	var random [8]byte
	if _, err := io.ReadFull(r, random[:]); err != nil {
		return 0, fmt.Errorf("read random bytes: %w", err)
	}
	return int64(binary.LittleEndian.Uint64(random[:]) >> 1), nil
}
