package graph

import (
	"slices"
	"strings"
	"time"
)

// Instant gives t as it is stored: UTC, cut to microseconds. The zero time stays zero.
func Instant(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.UTC().Truncate(time.Microsecond)
}

func firstRejection(rejections ...*Rejection) *Rejection {
	for _, r := range rejections {
		if r != nil {
			return r
		}
	}
	return nil
}

func checkOptionalID(field, id string) *Rejection {
	if id == "" {
		return nil
	}
	return checkID(field, id)
}

func checkSource(source string) *Rejection {
	if source == "" {
		return Reject(RejectMissing, "source", "is required: say where the row comes from")
	}
	return checkText("source", source, MaxIDBytes)
}

// checkTime allows the zero time, which says nothing.
func checkTime(field string, t time.Time) *Rejection {
	if !t.IsZero() && (t.Year() < 1 || t.Year() > 9999) {
		return Reject(RejectBadTime, field, "is outside the years 1 to 9999")
	}
	return nil
}

func checkTexts(field string, list []string) *Rejection {
	if len(list) > MaxListEntries {
		return Reject(RejectTooMany, field, "has %d entries, at most %d are kept", len(list), MaxListEntries)
	}
	for _, s := range list {
		if r := checkID(field, s); r != nil {
			return r
		}
	}
	return nil
}

func checkMoney(field string, amount Optional[Decimal], currency string) *Rejection {
	if !amount.Known {
		if currency != "" && !ValidCurrency(currency) {
			return Reject(RejectUnknownCurrency, "currency", "%q is not an ISO 4217 currency code", Clip(currency))
		}
		return nil
	}
	if amount.Value < 0 {
		return Reject(RejectOutOfRange, field, "is negative: amounts are positive, on RETURN too")
	}
	if currency == "" {
		return Reject(RejectNoCurrency, field, "has no currency: fill the currency column or configure one")
	}
	if !ValidCurrency(currency) {
		return Reject(RejectUnknownCurrency, "currency", "%q is not an ISO 4217 currency code", Clip(currency))
	}
	return nil
}

func sortNamedValues(values []NamedValue) {
	if !slices.IsSortedFunc(values, compareNames) {
		slices.SortStableFunc(values, compareNames)
	}
}

func compareNames(a, b NamedValue) int { return strings.Compare(a.Name, b.Name) }

// checkNamedValues expects values in order of name.
func checkNamedValues(prefix string, values []NamedValue) *Rejection {
	if len(values) > MaxAttributes {
		return Reject(RejectTooMany, prefix, "has %d attributes, at most %d are kept", len(values), MaxAttributes)
	}
	for i, v := range values {
		if r := checkID(prefix, v.Name); r != nil {
			return r
		}
		if i > 0 && values[i-1].Name == v.Name {
			return Reject(RejectConflict, prefix+"."+v.Name, "is given twice")
		}
		if v.Value.IsZero() {
			return Reject(RejectBadNumber, prefix+"."+v.Name, "has no value that can be kept (NaN or infinite?)")
		}
		if text, ok := v.Value.Text(); ok {
			if r := checkText(prefix+"."+v.Name, text, MaxTextBytes); r != nil {
				return r
			}
		}
	}
	return nil
}
