package config

import (
	"fmt"
	"strings"

	"github.com/spf13/pflag"

	"lacuna/graph"
)

// CurrencyVar adds the flag --currency, empty for none, which usage tells the meaning of. It sets *p to initial, then to what is given,
// in capitals.
func CurrencyVar(flags *pflag.FlagSet, p *string, initial, usage string) {
	*p = initial
	flags.Var(currency{p}, "currency", usage)
}

type currency struct{ code *string }

// Set takes an ISO 4217 code that rows may bear, or nothing.
func (c currency) Set(text string) error {
	code := strings.ToUpper(text)
	if code != "" && !graph.ValidCurrency(code) {
		return fmt.Errorf("%q is no ISO 4217 currency code such as TWD", text)
	}
	*c.code = code
	return nil
}

// String returns the code.
func (c currency) String() string { return *c.code }

// Type names the kind of value.
func (c currency) Type() string { return "currency" }
