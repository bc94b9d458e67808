package obs

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// The line put together by hand says what slog's own handler would.
func TestAccessLineIsWhatSlogWrites(t *testing.T) {
	a := &Access{RequestID: "r-1", Method: "GET", Route: "GET /api/v2/contacts/{id}", Status: 200, Code: 100100, Bytes: 12, Org: 57,
		User: 443, Remote: "127.0.0.1", Detail: "a \"quoted\" 中 detail\n", Took: 1500 * time.Microsecond}
	var byHand, bySlog bytes.Buffer
	log := NewLogger(&byHand, "json", slog.LevelInfo)
	AccessLog(log.Logger)(time.Now(), a)
	log.Close()
	AccessLog(slog.New(slog.NewJSONHandler(&bySlog, nil)))(time.Now(), a)
	read := func(b *bytes.Buffer) map[string]any {
		var m map[string]any
		if err := json.Unmarshal(b.Bytes(), &m); err != nil {
			t.Fatalf("%v in %s", err, b)
		}
		if _, err := time.Parse(time.RFC3339Nano, m["time"].(string)); err != nil {
			t.Error(err)
		}
		delete(m, "time")
		return m
	}
	if d := cmp.Diff(read(&bySlog), read(&byHand)); d != "" {
		t.Errorf("slog against ours:\n%s", d)
	}
	a.Method = "GET\"\n"
	byHand.Reset()
	if line := string(a.appendJSON(nil, time.Now())); !json.Valid([]byte(line)) || strings.Count(line, "\n") != 1 {
		t.Errorf("a strange method breaks the line: %q", line)
	}
}

func TestLevelsAndFlushing(t *testing.T) {
	var out safeBuffer
	log := NewLogger(&out, "json", slog.LevelWarn)
	defer log.Close()
	AccessLog(log.Logger)(time.Now(), &Access{})
	log.Info("not this")
	log.Error("this at once", "n", 1)
	if s := out.String(); !strings.Contains(s, "this at once") || strings.Contains(s, "not this") || strings.Contains(s, "request") {
		t.Errorf("got %q", s)
	}
}
