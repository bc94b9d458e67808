package blob

import (
	"errors"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func newSigner(t interface{ Fatal(...any) }) *Signer {
	s, err := NewSigner([]byte("0123456789abcdef0123456789abcdef"))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// split takes a link apart as a router does.
func split(t interface{ Fatalf(string, ...any) }, link string) (id int64, token, name string) {
	rest, ok := strings.CutPrefix(link, LinkPrefix)
	parts := strings.Split(rest, "/")
	if !ok || len(parts) != 3 {
		t.Fatalf("odd link %q", link)
	}
	id, err := strconv.ParseInt(parts[0], 10, 64)
	if err != nil {
		t.Fatalf("odd link %q", link)
	}
	name, err = url.PathUnescape(parts[2])
	if err != nil {
		t.Fatalf("odd link %q", link)
	}
	return id, parts[1], name
}

var (
	ids   = rapid.Int64Min(0)
	times = rapid.Map(rapid.Int64Range(0, 1<<36), func(n int64) time.Time { return time.Unix(n, 0) })
)

func TestLinkRoundTrip(t *testing.T) {
	s := newSigner(t)
	rapid.Check(t, func(t *rapid.T) {
		now, org, att := times.Draw(t, "now"), ids.Draw(t, "org"), ids.Draw(t, "att")
		link := s.Path(now, org, att, rapid.String().Draw(t, "name"))
		u, err := url.Parse(link + "?imageslim")
		if err != nil || u.RawQuery != "imageslim" || u.EscapedPath() != link {
			t.Fatalf("odd link %q: %v", link, err)
		}
		id, token, _ := split(t, link)
		if id != att {
			t.Fatalf("attachment %d in %q", id, link)
		}
		left := s.Life - time.Duration(now.Unix()%secondsInHour)*time.Second
		for _, at := range []time.Time{now, now.Add(left - time.Second)} {
			if got, err := s.Verify(at, att, token); err != nil || got != org {
				t.Fatalf("Verify: %d, %v", got, err)
			}
		}
		for _, at := range []time.Time{now.Add(left), now.Add(left + time.Hour)} {
			if _, err := s.Verify(at, att, token); !errors.Is(err, ErrExpiredLink) {
				t.Fatalf("Verify after the end: %v", err)
			}
		}
	})
}

func TestChangedTokenIsRefused(t *testing.T) {
	s := newSigner(t)
	rapid.Check(t, func(t *rapid.T) {
		now, org, att := times.Draw(t, "now"), ids.Draw(t, "org"), ids.Draw(t, "att")
		_, token, _ := split(t, s.Path(now, org, att, "a.jpg"))
		b := []byte(token)
		at := rapid.IntRange(0, len(b)-1).Draw(t, "at")
		b[at] ^= rapid.ByteRange(1, 255).Draw(t, "flip")
		cut := rapid.IntRange(0, len(token)-1).Draw(t, "cut")
		put := rapid.IntRange(0, len(token)).Draw(t, "put")
		extra := string(rune(rapid.ByteRange(0, 127).Draw(t, "extra")))
		for _, bad := range []string{string(b), token[:cut], token[:put] + extra + token[put:]} {
			if _, err := s.Verify(now, att, bad); !errors.Is(err, ErrBadLink) {
				t.Fatalf("Verify(%q) of %q: %v", bad, token, err)
			}
		}
		other := ids.Filter(func(n int64) bool { return n != att }).Draw(t, "other")
		if _, err := s.Verify(now, other, token); !errors.Is(err, ErrBadLink) {
			t.Fatalf("Verify for attachment %d: %v", other, err)
		}
	})
}

func TestOtherKeyIsRefused(t *testing.T) {
	a := newSigner(t)
	b, err := NewSigner([]byte("another key of a fair length"))
	if err != nil {
		t.Fatal(err)
	}
	now := time.Unix(1_700_000_000, 0)
	_, token, _ := split(t, a.Path(now, 57, 14918, "a.jpg"))
	if _, err := b.Verify(now, 14918, token); !errors.Is(err, ErrBadLink) {
		t.Fatalf("Verify: %v", err)
	}
	if b.VerifyText("x", a.SignText("x")) {
		t.Fatal("a text was accepted under another key")
	}
	if _, err := NewSigner(make([]byte, MinKeyBytes-1)); !errors.Is(err, ErrShortKey) {
		t.Fatalf("NewSigner: %v", err)
	}
}

// TestSignerCopiesTheKey makes sure that wiping the key afterwards is harmless.
func TestSignerCopiesTheKey(t *testing.T) {
	key := []byte("0123456789abcdef0123456789abcdef")
	s, err := NewSigner(key)
	if err != nil {
		t.Fatal(err)
	}
	clear(key)
	if s.SignText("x") != newSigner(t).SignText("x") {
		t.Fatal("the key was not copied")
	}
}

func TestOddTokens(t *testing.T) {
	s := newSigner(t)
	now := time.Unix(1_700_000_000, 0)
	_, token, _ := split(t, s.Path(now, 57, 1, "a"))
	_, negative, _ := split(t, s.Path(now, -57, 1, "a"))
	for _, bad := range []string{
		"", "-", "--", "---", "57", "57-", "57-x", "0" + token, "+" + token, " " + token, token + "=",
		strings.ToUpper(token), negative, strings.Repeat("9", 100), "9223372036854775808" + token[2:],
	} {
		if _, err := s.Verify(now, 1, bad); !errors.Is(err, ErrBadLink) {
			t.Errorf("Verify(%q): %v", bad, err)
		}
	}
}

func TestSameLinkWithinTheHour(t *testing.T) {
	s := newSigner(t)
	hour := time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
	first := s.Path(hour, 57, 14918, "a.jpg")
	if last := s.Path(hour.Add(time.Hour-1), 57, 14918, "a.jpg"); last != first {
		t.Errorf("%q and %q in one hour", first, last)
	}
	if next := s.Path(hour.Add(time.Hour), 57, 14918, "a.jpg"); next == first {
		t.Errorf("%q in two hours", first)
	}
}

func TestNames(t *testing.T) {
	s := newSigner(t)
	long := strings.Repeat("名", 100)
	for in, want := range map[string]string{
		"a.jpg":       "a.jpg",
		"名片 1+2.jpg":  "名片 1+2.jpg",
		"a?b#c%d&e":   "a?b#c%d&e",
		"a/b\\c\nd":   "a_b_c_d",
		"../../x":     ".._.._x",
		"":            "file",
		".":           "file",
		"..":          "file",
		"...":         "...",
		long:          long[:maxNameBytes/3*3],
		long + "\xff": long[:maxNameBytes/3*3],
	} {
		_, _, got := split(t, s.Path(time.Unix(0, 0), 1, 2, in))
		if got != want || !utf8.ValidString(got) {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}

func TestSignText(t *testing.T) {
	s := newSigner(t)
	rapid.Check(t, func(t *rapid.T) {
		text, other := rapid.String().Draw(t, "text"), rapid.String().Draw(t, "other")
		sig := s.SignText(text)
		if len(sig) != 22 || url.QueryEscape(sig) != sig || !s.VerifyText(text, sig) {
			t.Fatalf("signature %q of %q", sig, text)
		}
		if text != other && s.VerifyText(other, sig) {
			t.Fatalf("%q passed with the signature of %q", other, text)
		}
		b := []byte(sig)
		b[rapid.IntRange(0, len(b)-1).Draw(t, "at")] ^= rapid.ByteRange(1, 255).Draw(t, "flip")
		if s.VerifyText(text, string(b)) || s.VerifyText(text, sig[1:]) || s.VerifyText(text, "") {
			t.Fatalf("a changed signature of %q passed", text)
		}
	})
}

// TestDomainsAreSeparate makes sure that a signed text is never a link.
func TestDomainsAreSeparate(t *testing.T) {
	s := newSigner(t)
	now := time.Unix(1_700_000_000, 0)
	_, token, _ := split(t, s.Path(now, 57, 14918, "a"))
	parts := strings.SplitN(token, "-", 3)
	expiry, err := strconv.ParseInt(parts[1], 36, 64)
	if err != nil {
		t.Fatal(err)
	}
	text := "57/14918/" + strconv.FormatInt(expiry, 10)
	for _, in := range []string{text, linkDomain + text} {
		if s.SignText(in) == parts[2] {
			t.Errorf("%q signs a link", in)
		}
	}
}

func TestAppendPathFitsPath(t *testing.T) {
	s := newSigner(t)
	now := time.Unix(1_700_000_000, 0)
	buf := make([]byte, 0, 256)
	want := s.Path(now, 57, 14918, "名片.jpg")
	if got := string(s.AppendPath(append(buf, "x:"...), now, 57, 14918, "名片.jpg")); got != "x:"+want {
		t.Fatalf("AppendPath gave %q, Path %q", got, want)
	}
}

func BenchmarkAppendPath(b *testing.B) {
	s := newSigner(b)
	now := time.Unix(1_700_000_000, 0)
	buf := make([]byte, 0, 256)
	b.ReportAllocs()
	for b.Loop() {
		buf = s.AppendPath(buf[:0], now, 57, 14918, "attachment.jpg")
	}
}

func BenchmarkPath(b *testing.B) {
	s := newSigner(b)
	now := time.Unix(1_700_000_000, 0)
	b.ReportAllocs()
	for b.Loop() {
		_ = s.Path(now, 57, 14918, "attachment.jpg")
	}
}

func BenchmarkPathParallel(b *testing.B) {
	s := newSigner(b)
	now := time.Unix(1_700_000_000, 0)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			_ = s.Path(now, 57, 14918, "attachment.jpg")
		}
	})
}

func BenchmarkVerify(b *testing.B) {
	s := newSigner(b)
	now := time.Unix(1_700_000_000, 0)
	_, token, _ := split(b, s.Path(now, 57, 14918, "attachment.jpg"))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Verify(now, 14918, token); err != nil {
			b.Fatal(err)
		}
	}
}
