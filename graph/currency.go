package graph

import "strings"

// currencies holds the active codes of ISO 4217 in order, three letters each, but for XTS (tests) and XXX (none).
const currencies = "AEDAFNALLAMDAOAARSAUDAWGAZNBAMBBDBDTBHDBIFBMDBNDBOBBOVBRLBSDBTNBWPBYNBZD" +
	"CADCDFCHECHFCHWCLFCLPCNYCOPCOUCRCCUPCVECZKDJFDKKDOPDZDEGPERNETBEURFJDFKPGBPGELGHSGIPGMDGNFGTQGYD" +
	"HKDHNLHTGHUFIDRILSINRIQDIRRISKJMDJODJPYKESKGSKHRKMFKPWKRWKWDKYDKZTLAKLBPLKRLRDLSLLYD" +
	"MADMDLMGAMKDMMKMNTMOPMRUMURMVRMWKMXNMXVMYRMZNNADNGNNIONOKNPRNZDOMRPABPENPGKPHPPKRPLNPYGQAR" +
	"RONRSDRUBRWFSARSBDSCRSDGSEKSGDSHPSLESOSSRDSSPSTNSVCSYPSZLTHBTJSTMTTNDTOPTRYTTDTWDTZS" +
	"UAHUGXUSDUSNUYIUYUUYWUZSVEDVESVNDVUVWSTXADXAFXAGXAUXBAXBBXBCXBDXCDXCGXDRXOFXPDXPFXPTXSUXUA" +
	"YERZARZMWZWG"

// pastCurrencies holds, in the same form, codes withdrawn since 2015: interactions of earlier years still bear them.
const pastCurrencies = "ANGBGNBYRCUCHRKMROSLLSTDVEFZWL"

// ValidCurrency tells whether code is an ISO 4217 currency in upper case: an active one, or one withdrawn since 2015,
// which past interactions bear. XTS (tests) and XXX (no currency) are none.
func ValidCurrency(code string) bool {
	return inCurrencies(currencies, code) || inCurrencies(pastCurrencies, code)
}

func inCurrencies(table, code string) bool {
	if len(code) != 3 {
		return false
	}
	low, high := 0, len(table)/3
	for low < high {
		middle := (low + high) / 2
		switch strings.Compare(table[middle*3:middle*3+3], code) {
		case 0:
			return true
		case -1:
			low = middle + 1
		default:
			high = middle
		}
	}
	return false
}
