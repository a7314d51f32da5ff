package server

import (
	"context"
	"fmt"
	"net"
)

// Listen opens address, "host:port", for loopback alone: without authentication everybody who can reach the port may
// read every profile. An empty host means all interfaces and is refused as well.
func Listen(ctx context.Context, address string) (net.Listener, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("address %q is not HOST:PORT, for example 127.0.0.1:8080", address)
	}
	ips, err := net.DefaultResolver.LookupHost(ctx, host)
	if host == "" {
		ips, err = []string{"0.0.0.0"}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("address %q: host cannot be resolved: %w", address, err)
	}
	for _, text := range ips {
		if ip := net.ParseIP(text); ip == nil || !ip.IsLoopback() {
			return nil, fmt.Errorf("address %q is reachable from other machines, and no authentication is configured: "+
				"listen on 127.0.0.1 or [::1] and put an authenticating proxy in front", address)
		}
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w (is another server running there? choose another with --addr)", address, err)
	}
	return listener, nil
}
