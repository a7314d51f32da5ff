package server

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler/extension"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"golang.org/x/time/rate"

	"lacuna/internal/access"
)

// codeTooManyRequests answers who has asked for more in a while than their share.
const codeTooManyRequests = "TOO_MANY_REQUESTS"

// tooFast is an operation for which the one who asks has to wait.
type tooFast struct{ wait time.Duration }

// Error says how long.
func (e *tooFast) Error() string {
	return fmt.Sprintf("this API key has used up its share for now; try again in %d s, or ask for less at a time", e.seconds())
}

func (*tooFast) code() string { return codeTooManyRequests }

// seconds is the wait, rounded up.
func (e *tooFast) seconds() int { return max(1, int(math.Ceil(e.wait.Seconds()))) }

// buckets give each principal a share of the server: a bucket that fills at a rate of cost a second, and that what an
// operation might cost is taken from. There are as many as there are keys.
type buckets struct {
	rate  rate.Limit
	burst int
	now   func() time.Time

	mu  sync.Mutex
	all map[string]*rate.Limiter
}

var _ interface {
	graphql.HandlerExtension
	graphql.OperationContextMutator
} = (*buckets)(nil)

// newBuckets makes buckets that hold ten seconds' worth, and at least the most expensive operation that is allowed.
func newBuckets(perSecond, limit int, now func() time.Time) *buckets {
	return &buckets{rate: rate.Limit(perSecond), burst: max(10*perSecond, limit), now: now, all: map[string]*rate.Limiter{}}
}

// ExtensionName names it to gqlgen.
func (*buckets) ExtensionName() string { return "Buckets" }

// Validate has nothing to check.
func (*buckets) Validate(graphql.ExecutableSchema) error { return nil }

// MutateOperationContext takes the operation's cost from the bucket of who asks, or answers how long to wait.
func (b *buckets) MutateOperationContext(ctx context.Context, operation *graphql.OperationContext) *gqlerror.Error {
	stats, ok := operation.Stats.GetExtension("ComplexityLimit").(*extension.ComplexityStats)
	if !ok {
		return gqlerror.Wrap(errors.New("the cost of the operation is not known"))
	}
	now := b.now()
	taken := b.of(access.From(ctx).Name).ReserveN(now, max(1, stats.Complexity))
	wait := taken.DelayFrom(now)
	if wait == 0 {
		return nil
	}
	taken.CancelAt(now)
	err := &tooFast{wait}
	return &gqlerror.Error{Err: err, Message: err.Error()}
}

func (b *buckets) of(name string) *rate.Limiter {
	b.mu.Lock()
	defer b.mu.Unlock()
	l := b.all[name]
	if l == nil {
		l = rate.NewLimiter(b.rate, b.burst)
		b.all[name] = l
	}
	return l
}
