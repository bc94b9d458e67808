package api

import (
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"guanxi/internal/service"
)

// What a proxy says of a request is believed of trusted ones only.
func TestOrigin(t *testing.T) {
	w := newWorld(t, func(o *Options, _ *service.Settings) {
		o.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	})
	for _, c := range []struct {
		from, host, forwarded, proto, id string
		remote, base                     string
		ownID                            bool
	}{
		{"192.0.2.1:1", "crm.example.com", "198.51.100.7", "https", "client-chosen-1", "192.0.2.1", "http://crm.example.com", true},
		{"10.0.0.1:1", "crm.example.com", "198.51.100.7", "https", "proxy-chosen-1", "198.51.100.7", "https://crm.example.com", false},
		{"[::1]:1", "crm.example.com:8443", "198.51.100.7, 10.1.1.1", "", "short", "198.51.100.7", "http://crm.example.com:8443", true},
		{"10.0.0.1:1", "evil\"host", "spoofed, 198.51.100.7", "", "", "198.51.100.7", "http://localhost", true},
		{"10.0.0.1:1", "crm.example.com", "not an address", "", "", "10.0.0.1", "http://crm.example.com", true},
		{"10.0.0.1:1", "crm.example.com", "", "", "", "10.0.0.1", "http://crm.example.com", true},
	} {
		r := httptest.NewRequest("GET", "http://x/api/v2/contacts/1", nil)
		r.RemoteAddr, r.Host = c.from, c.host
		for name, value := range map[string]string{"X-Forwarded-For": c.forwarded, "X-Forwarded-Proto": c.proto, "X-Request-Id": c.id} {
			if value != "" {
				r.Header.Set(name, value)
			}
		}
		remote, base := w.server.origin(r)
		if remote != c.remote || base != c.base {
			t.Errorf("%+v: %s, %s", c, remote, base)
		}
		if got := w.server.requestID(r); (got != c.id) != c.ownID {
			t.Errorf("%+v: request id %s", c, got)
		}
	}
}

func TestPublicURL(t *testing.T) {
	w := newWorld(t, func(o *Options, _ *service.Settings) { o.PublicURL = "https://crm.example.com/crm" })
	body := w.get(home, owner, "/api/v2/contacts/20583").body
	if !strings.Contains(body, `"https://crm.example.com/crm/attachments/files/14918/`) ||
		!strings.Contains(body, `"https://crm.example.com/crm/staticmap?location=`) || strings.Contains(body, "http://") {
		t.Errorf("links do not begin with the public URL: %s", body)
	}
}
