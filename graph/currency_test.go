package graph

import (
	"testing"

	"golang.org/x/text/currency"
)

func TestValidCurrency(t *testing.T) {
	for code, want := range map[string]bool{"USD": true, "EUR": true, "TWD": true, "JPY": true, "XAF": true, "XOF": true, "XPF": true,
		"AED": true, "ZWG": true, "XCG": true, "CLF": true, "SLE": true, "VES": true, "HRK": true, "BGN": true, "ANG": true, "ZWL": true,
		"": false, "usd": false, "Usd": false, "US": false, "USDD": false, "XXX": false, "XTS": false, "AAA": false, "ZZZ": false,
		"DEM": false, "EDA": false, "SD\x00": false, "NTD": false, "€": false} {
		if got := ValidCurrency(code); got != want {
			t.Errorf("ValidCurrency(%q) = %v", code, got)
		}
	}
}

func TestCurrencyTables(t *testing.T) {
	// What x/text's older tables do not have yet.
	newer := map[string]bool{"MRU": true, "SLE": true, "STN": true, "UYW": true, "VED": true, "VES": true, "XAD": true, "XCG": true, "ZWG": true}
	for _, table := range []string{currencies, pastCurrencies} {
		if len(table)%3 != 0 {
			t.Fatalf("%d letters are no whole codes", len(table))
		}
		for i := 0; i < len(table); i += 3 {
			code := table[i : i+3]
			if i > 0 && table[i-3:i] >= code {
				t.Errorf("%s is out of order", code)
			}
			if !ValidCurrency(code) {
				t.Errorf("ValidCurrency(%s) = false", code)
			}
			if _, err := currency.ParseISO(code); err != nil && !newer[code] {
				t.Errorf("%s: %v", code, err)
			}
		}
	}
	for tender := currency.Query(); tender.Next(); {
		if code := tender.Unit().String(); !ValidCurrency(code) {
			t.Errorf("ValidCurrency(%s) = false, but it is legal tender", code)
		}
	}
}
