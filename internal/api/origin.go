package api

import (
	"crypto/rand"
	"encoding/hex"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"sync/atomic"
)

// origin tells the client's address and the base of absolute links. What a
// proxy says is believed only of the operator's trusted proxies.
func (s *Server) origin(r *http.Request) (remote, base string) {
	remote = r.RemoteAddr
	if host, _, err := net.SplitHostPort(remote); err == nil {
		remote = host
	}
	proto := "http://"
	if r.TLS != nil {
		proto = "https://"
	}
	if len(s.options.TrustedProxies) > 0 && s.trusted(remote) {
		if hops := r.Header.Values("X-Forwarded-For"); len(hops) > 0 {
			remote = s.lastStranger(strings.Split(strings.Join(hops, ","), ","), remote)
		}
		if r.Header.Get("X-Forwarded-Proto") == "https" {
			proto = "https://"
		}
	}
	if s.options.PublicURL != "" {
		return remote, s.options.PublicURL
	}
	return remote, proto + safeHost(r.Host)
}

// lastStranger is the last hop that is not one of our proxies.
func (s *Server) lastStranger(hops []string, remote string) string {
	for i := len(hops) - 1; i >= 0; i-- {
		a, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			return remote
		}
		if remote = a.String(); !s.trusted(remote) {
			return remote
		}
	}
	return remote
}

func (s *Server) trusted(address string) bool {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return false
	}
	for _, p := range s.options.TrustedProxies {
		if p.Contains(a.Unmap()) {
			return true
		}
	}
	return false
}

// safeHost keeps a Host header only when it can stand in a link as it is.
func safeHost(host string) string {
	for i := range len(host) {
		c := host[i]
		if c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c == '.' || c == '-' || c == ':' ||
			c == '[' || c == ']' || c == '_' {
			continue
		}
		return "localhost"
	}
	return host
}

// requestIDs numbers the requests of this process.
type requestIDs struct {
	prefix string
	next   *atomic.Uint64
}

func newRequestIDs() requestIDs {
	b := make([]byte, 6)
	rand.Read(b)
	return requestIDs{hex.EncodeToString(b) + "-", new(atomic.Uint64)}
}

// requestID numbers a request, or takes the id that a trusted proxy gave it.
// Anybody else's is not taken: it goes into the log, where a client must not
// write.
func (s *Server) requestID(r *http.Request) string {
	if id := r.Header["X-Request-Id"]; len(id) == 1 && plainID(id[0]) && len(s.options.TrustedProxies) > 0 {
		if host, _, err := net.SplitHostPort(r.RemoteAddr); err == nil && s.trusted(host) {
			return id[0]
		}
	}
	return s.ids.prefix + strconv.FormatUint(s.ids.next.Add(1), 36)
}

func plainID(id string) bool {
	if len(id) < 8 || len(id) > 64 {
		return false
	}
	for i := range len(id) {
		c := id[i]
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_') {
			return false
		}
	}
	return true
}
