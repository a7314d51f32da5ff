package server

import (
	"context"
	"errors"
	"fmt"
	"net"
	"syscall"
)

// AddressError is an address that cannot be listened on whatever the machine does: it is no address, or not one of loopback.
type AddressError struct {
	Address string
	Reason  string // what is wrong with it, and what to do
}

// Error names the address and the reason.
func (e *AddressError) Error() string { return fmt.Sprintf("address %q %s", e.Address, e.Reason) }

// Listen opens address, "host:port". Without authentication everybody who can reach the port may read every profile, so an
// address beyond loopback is refused then by an [AddressError]; an empty host means all interfaces.
func Listen(ctx context.Context, address string, authenticated bool) (net.Listener, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, &AddressError{address, "is not HOST:PORT, for example 127.0.0.1:8080"}
	}
	if _, err := net.DefaultResolver.LookupPort(ctx, "tcp", port); err != nil {
		return nil, &AddressError{address, "has no port that can be used: write a number from 0 to 65535, as in 127.0.0.1:8080"}
	}
	ips, err := net.DefaultResolver.LookupHost(ctx, host)
	if host == "" {
		ips, err = []string{"0.0.0.0"}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("address %q: host cannot be resolved: %w", address, err)
	}
	for _, text := range ips {
		if ip := net.ParseIP(text); !authenticated && (ip == nil || !ip.IsLoopback()) {
			return nil, &AddressError{address, "is reachable from other machines, and no authentication is configured: " +
				"listen on 127.0.0.1 or [::1], or make keys with 'lacuna token add' and serve with --keys"}
		}
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("listen on %s: %w: another server is running there; end it, or choose another port with --addr", address, err)
	}
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", address, err)
	}
	return listener, nil
}
