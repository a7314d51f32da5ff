package sqlitestore

import (
	"testing"

	"go.uber.org/goleak"
)

// TestMain checks that no goroutine outlives its connection's call.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
