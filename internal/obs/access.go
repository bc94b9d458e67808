package obs

import (
	"context"
	"encoding/json"
	"log/slog"
	"strconv"
	"sync"
	"time"
)

// Access is what the access log says of one request. The query is not among
// it: tokens and names stand there.
type Access struct {
	RequestID, Method, Route string
	Status, Code, Bytes      int
	Org, User                int64
	Remote, Detail           string
	Took                     time.Duration
}

// AccessLog gives the function that logs requests at level info. For a Logger
// of this package that writes JSON, the line is put together by hand: there is
// one for every request, and it cost a request that is answered 304 an eighth
// of its time.
func AccessLog(log *slog.Logger) func(at time.Time, a *Access) {
	if !log.Enabled(context.Background(), slog.LevelInfo) {
		return func(time.Time, *Access) {}
	}
	if u, ok := log.Handler().(*urgent); ok && u.plainJSON {
		lines := &sync.Pool{New: func() any { b := make([]byte, 0, 512); return &b }}
		return func(at time.Time, a *Access) {
			b := lines.Get().(*[]byte)
			*b = a.appendJSON((*b)[:0], at)
			u.out.Write(*b)
			lines.Put(b)
		}
	}
	return func(_ time.Time, a *Access) {
		log.LogAttrs(context.Background(), slog.LevelInfo, "request", slog.String("request_id", a.RequestID),
			slog.String("method", a.Method), slog.String("route", a.Route), slog.Int("status", a.Status), slog.Int("code", a.Code),
			slog.Int64("us", a.Took.Microseconds()), slog.Int("bytes", a.Bytes), slog.Int64("org", a.Org),
			slog.Int64("user", a.User), slog.String("remote", a.Remote), slog.String("detail", a.Detail))
	}
}

// appendJSON writes the line as slog's JSON handler would. The request id, the
// method, the route and the address are plain; the detail is not.
func (a *Access) appendJSON(b []byte, at time.Time) []byte {
	text := func(key, v string) {
		b = append(append(b, key...), v...)
		b = append(b, '"')
	}
	number := func(key string, v int64) { b = strconv.AppendInt(append(b, key...), v, 10) }
	b = append(b, `{"time":"`...)
	b = at.UTC().AppendFormat(b, "2006-01-02T15:04:05.000000Z")
	text(`","level":"INFO","msg":"request","request_id":"`, a.RequestID)
	text(`,"method":"`, plain(a.Method))
	text(`,"route":"`, a.Route)
	number(`,"status":`, int64(a.Status))
	number(`,"code":`, int64(a.Code))
	number(`,"us":`, a.Took.Microseconds())
	number(`,"bytes":`, int64(a.Bytes))
	number(`,"org":`, a.Org)
	number(`,"user":`, a.User)
	text(`,"remote":"`, plain(a.Remote))
	if a.Detail != "" {
		detail, _ := json.Marshal(a.Detail)
		b = append(append(b, `,"detail":`...), detail...)
	}
	return append(b, '}', '\n')
}

// plain gives a text that needs no escaping, or a mark that it did.
func plain(s string) string {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c >= 0x7f || c == '"' || c == '\\' {
			return "?"
		}
	}
	return s
}
