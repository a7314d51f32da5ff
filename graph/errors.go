package graph

import (
	"errors"
	"fmt"
)

// The errors that every store answers with. Test for them with errors.Is; each adapter has one translator that turns
// its database's errors into these.
var (
	ErrNotFound      = errors.New("not found")
	ErrConflict      = errors.New("conflict")
	ErrInvalid       = errors.New("invalid")
	ErrUnavailable   = errors.New("store unavailable")  // try again later: unreachable, busy, out of disk
	ErrReadOnly      = errors.New("store is read-only") // opened or mounted without the right to write
	ErrClosed        = errors.New("store is closed")    // used after Close
	ErrNewerSchema   = errors.New("store is too new")   // written by a newer version of lacuna
	ErrDamaged       = errors.New("store is damaged")   // what is stored cannot be read as what was written
	ErrCursorExpired = errors.New("cursor has expired") // pruned, or of another store: scan again from Head
)

// RejectCode says why a row was not taken. Codes are stable: they stand in rejects files and in userErrors.
type RejectCode string

// The reasons for which a store rejects a row.
const (
	RejectMissing         RejectCode = "missing"          // a required field is empty
	RejectBadText         RejectCode = "bad_text"         // not UTF-8, or a NUL character
	RejectTooLong         RejectCode = "too_long"         // longer than the field may be
	RejectTooMany         RejectCode = "too_many"         // more entries than the field may have
	RejectBadID           RejectCode = "bad_id"           // an id that reads as an identity, or begins or ends with a space
	RejectUnknownType     RejectCode = "unknown_type"     // no such interaction type
	RejectUnknownChannel  RejectCode = "unknown_channel"  // no such channel
	RejectUnknownKind     RejectCode = "unknown_kind"     // no such identity kind
	RejectBadTime         RejectCode = "bad_time"         // not a time, or outside the years 1 to 9999
	RejectBadNumber       RejectCode = "bad_number"       // not a number, NaN, infinite, or beyond what is kept
	RejectOutOfRange      RejectCode = "out_of_range"     // a number outside what the field allows
	RejectUnknownCurrency RejectCode = "unknown_currency" // not an ISO 4217 code
	RejectNoCurrency      RejectCode = "missing_currency" // money without a currency, and none configured
	RejectUnknownProduct  RejectCode = "unknown_product"  // names a product that is not stored
	RejectUnknownCategory RejectCode = "unknown_category" // names a category that is not stored
	RejectUnknownSegment  RejectCode = "unknown_segment"  // a rule or an event names a segment that is not stored
	RejectCycle           RejectCode = "cycle"            // a category or segment that would contain itself
	RejectInUse           RejectCode = "in_use"           // something else depends on it
	RejectInvalidRule     RejectCode = "invalid_rule"     // a rule that says nothing, or something unknown
	RejectIdentityTaken   RejectCode = "identity_taken"   // the identity belongs to another customer
	RejectAttributeType   RejectCode = "attribute_type"   // a value of another type than the attribute's
	RejectConflict        RejectCode = "conflict"         // the id is stored with other content
	RejectErased          RejectCode = "erased"           // the customer asked to be forgotten
	RejectNotFound        RejectCode = "not_found"        // names something that is not stored
)

// Rejection is why one row was not taken: a code, the field it is about ("" for the whole row) and a sentence that
// says what is wrong and what to do. The message may quote ids, never attribute values or identities.
//
// errors.Is(rejection, ErrConflict) holds for identity_taken, conflict, in_use and erased; ErrNotFound for not_found;
// ErrInvalid for all others.
type Rejection struct {
	Code    RejectCode
	Field   string
	Message string
}

// Reject makes a rejection with a formatted message.
func Reject(code RejectCode, field, format string, args ...any) *Rejection {
	return &Rejection{Code: code, Field: field, Message: fmt.Sprintf(format, args...)}
}

// Error gives the field and the message.
func (r *Rejection) Error() string {
	if r.Field == "" {
		return r.Message
	}
	return r.Field + ": " + r.Message
}

// Unwrap gives the sentinel that the code stands for.
func (r *Rejection) Unwrap() error {
	switch r.Code {
	case RejectIdentityTaken, RejectConflict, RejectErased, RejectInUse:
		return ErrConflict
	case RejectNotFound:
		return ErrNotFound
	default:
		return ErrInvalid
	}
}
