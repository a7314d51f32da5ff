package e2e

import "os"

// shop holds a small travel marketplace as files of the generic format: 32 customers who are known by e-mail, phone, LINE,
// loyalty card and device, what they looked for, and what they bought. The people are invented.
var shop = os.DirFS("testdata/shop")

// The settings that the files are meant for.
const (
	shopZone     = "Asia/Taipei"
	shopCurrency = "TWD"
)
