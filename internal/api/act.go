package api

import (
	"encoding/base64"
	"net/http"

	"guanxi/internal/api/call"
	"guanxi/internal/crm"
	"guanxi/internal/service"
)

// act reads what makes a write safe to repeat and safe against others: the
// ticket (request_ticket in the query or the body, or the header
// Idempotency-Key) with a digest of what is asked for, and If-Match.
func act(c *call.Call) error {
	if c.Request.Method == http.MethodGet {
		return nil
	}
	a := &service.Act{
		Begin:  func() { c.B = c.B[:0] },
		Answer: func() []byte { return c.B },
		Replay: func(answer string) { c.B = append(c.B[:0], answer...) },
	}
	c.Caller.Act = a
	p, err := c.Params()
	if err != nil {
		return err
	}
	if a.Ticket = c.Request.Header.Get("Idempotency-Key"); a.Ticket == "" {
		a.Ticket = p.String("request_ticket")
	}
	if a.Ticket != "" {
		sum := p.Digest(c.Request.Method+" "+c.Request.URL.Path, "request_ticket", "user_token", "device", "version_code")
		a.Digest = base64.RawURLEncoding.EncodeToString(sum[:])
	}
	if match := c.Request.Header.Get("If-Match"); match != "" && match != "*" {
		v, ok := versionOf(match)
		if !ok {
			return crm.Conflict
		}
		a.Unmodified = v
	}
	return nil
}
