package server

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// busy is a request for which there is no room.
type busy struct{}

// Error says what to do.
func (busy) Error() string {
	return "too many requests are being answered; try again in a moment"
}

func (busy) code() string { return codeUnavailable }

// admission bounds how many do something at once. Who finds no place is refused: waiting in line would make everybody late.
type admission struct {
	places chan struct{}
	shed   prometheus.Counter
}

func newAdmission(places int, shed prometheus.Counter) *admission {
	return &admission{make(chan struct{}, places), shed}
}

// enter takes a place; whoever gets one calls leave, once.
func (a *admission) enter() (ok bool) {
	select {
	case a.places <- struct{}{}:
		return true
	default:
		a.shed.Inc()
		return false
	}
}

func (a *admission) leave() { <-a.places }

// bounds are what operations are held to that have one answer.
type bounds struct {
	running *admission
	timeout time.Duration
}
