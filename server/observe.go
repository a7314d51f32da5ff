package server

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
	"time"
)

type requestIDKey struct{}

// requestID gives the id of the request that a context belongs to, "" outside of one.
func requestID(ctx context.Context) string {
	id, _ := ctx.Value(requestIDKey{}).(string)
	return id
}

// newRequestID makes one that no other request has. It is no secret.
func newRequestID() string {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], rand.Uint64())
	return hex.EncodeToString(b[:])
}

// observe gives every request an id, counts and times it, and turns a panic into 500 INTERNAL.
func (s *Server) observe(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begun := time.Now()
		id := newRequestID()
		r = r.WithContext(context.WithValue(r.Context(), requestIDKey{}, id))
		seen := &statusWriter{ResponseWriter: w}
		seen.Header().Set("X-Request-Id", id)
		seen.Header().Set("X-Content-Type-Options", "nosniff")
		if s.leaving.Load() {
			seen.Header().Set("Connection", "close")
		}
		s.metrics.inFlight.Inc()
		defer func() {
			if cause := recover(); cause != nil {
				s.recordPanic(r.Context(), cause)
				if seen.status == 0 {
					writeError(seen, r, http.StatusInternalServerError, codeInternal, "internal error")
				}
			}
			s.metrics.inFlight.Dec()
			path, took := metricPath(r.URL.Path), time.Since(begun)
			s.metrics.requests.WithLabelValues(path, strconv.Itoa(seen.code())).Inc()
			if !streaming(r) { // these last as long as their client likes
				s.metrics.duration.WithLabelValues(path).Observe(took.Seconds())
			}
			if s.options.Logger.Enabled(r.Context(), slog.LevelDebug) {
				s.options.Logger.Debug("request", "requestId", id, "path", path, "status", seen.code(), "seconds", took.Seconds())
			}
		}()
		next.ServeHTTP(seen, r)
	})
}

// recordPanic logs where it happened, and its type rather than its text, which may quote what a client sent.
func (s *Server) recordPanic(ctx context.Context, cause any) {
	s.metrics.panics.Inc()
	s.options.Logger.Error("panic", "requestId", requestID(ctx), "type", fmt.Sprintf("%T", cause), "stack", string(debug.Stack()))
}

// metricPath keeps the label's values to the paths that exist.
func metricPath(path string) string {
	if strings.HasPrefix(path, rowsPath) {
		return strings.TrimSuffix(rowsPath, "/")
	}
	switch path {
	case "/", "/playground", "/schema.graphqls", "/graphql", "/healthz", "/readyz", "/metrics":
		return path
	default:
		return "other"
	}
}

// statusWriter remembers the status that was written.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *statusWriter) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach the connection.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *statusWriter) code() int {
	if w.status == 0 {
		return http.StatusOK
	}
	return w.status
}
