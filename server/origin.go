package server

import (
	"net"
	"net/http"
	"strings"
)

// codeForbidden answers those who may not ask.
const codeForbidden = "FORBIDDEN"

// sameOrigin refuses what a foreign web page makes a browser send here: the headers that browsers add tell a page of another
// origin. While no authentication is configured, whoever reaches a loopback port may read every profile, and a page must not be
// able to borrow that by a name that was made to lead here: then the Host header must name this machine too.
func sameOrigin(next http.Handler, machine bool) http.Handler {
	guarded := new(http.CrossOriginProtection)
	guarded.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		writeError(w, r, http.StatusForbidden, codeForbidden, "pages of another origin may not send this")
	}))
	checked := guarded.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if machine && !loopbackHost(r.Host) {
			writeError(w, r, http.StatusForbidden, codeForbidden, "ask for this server by a loopback name, such as 127.0.0.1 or localhost; a proxy must set the Host header so")
			return
		}
		checked.ServeHTTP(w, r)
	})
}

// loopbackHost tells whether a Host header, with or without a port, names this machine and nothing else.
func loopbackHost(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.ToLower(strings.Trim(host, "[]"))
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
