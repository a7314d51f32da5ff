package server

import (
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/rs/cors"
)

// codeForbidden answers those who may not ask.
const codeForbidden = "FORBIDDEN"

// Origins are the web origins, beside the server's own, whose pages may ask and read the answers. It is the one list for requests,
// their preflights and WebSockets. The zero value has none.
type Origins struct{ list []string }

// ParseOrigins reads origins as browsers send them, "https://bi.example.com" or with a port. There are no wildcards: each origin
// may use what its visitors' machines or keys may.
func ParseOrigins(origins []string) (Origins, error) {
	var o Origins
	for _, text := range origins {
		u, err := url.Parse(text)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || strings.ContainsAny(u.Host, `*?[]\`) ||
			!strings.EqualFold(text, u.Scheme+"://"+u.Host) {
			return Origins{}, fmt.Errorf("%q is no origin: write scheme://host or scheme://host:port, such as https://bi.example.com, without a path or wildcards", text)
		}
		o.list = append(o.list, strings.ToLower(text))
	}
	return o, nil
}

// guard refuses what a web page of an origin that is not listed makes a browser send here: the headers that browsers add tell.
// Pages of listed origins may send, and read the answers. While no authentication is configured, whoever reaches a loopback port
// may read every profile, and a page must not be able to borrow that by a name that was made to lead here: then the Host header
// must name this machine too.
func (o Origins) guard(next http.Handler, machine bool) http.Handler {
	guarded := new(http.CrossOriginProtection)
	for _, origin := range o.list {
		if err := guarded.AddTrustedOrigin(origin); err != nil {
			panic(err) // it was parsed
		}
	}
	guarded.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		writeError(w, r, http.StatusForbidden, codeForbidden, "pages of another origin may not send this")
	}))
	checked := guarded.Handler(next)
	if len(o.list) > 0 {
		checked = cors.New(cors.Options{
			AllowedOrigins: o.list, AllowedMethods: []string{http.MethodGet, http.MethodHead, http.MethodPost}, AllowedHeaders: []string{"Authorization", "Content-Type", "If-None-Match"},
			ExposedHeaders: []string{"Content-Disposition", "ETag", "Link", "Retry-After", "X-Request-Id"}, MaxAge: 600,
		}).Handler(checked)
	}
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
