package api

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"guanxi/internal/blob"
	"guanxi/internal/crm"
	"guanxi/internal/picture"
	"guanxi/internal/service"
	"guanxi/internal/store"
)

// fileSigner signs as the world's server does.
func fileSigner(t *testing.T) *blob.Signer {
	t.Helper()
	s, err := blob.NewSigner([]byte("a signing key for tests only"))
	must(t, err)
	return s
}

// keepFile uploads a file and writes its row, and gives the path of its link.
func (w *world) keepFile(t *testing.T, id int64, name, content string) string {
	t.Helper()
	u, err := blob.Receive(t.Context(), w.blobs, home, name, strings.NewReader(content), 1<<20)
	must(t, err)
	w.keepRow(t, &crm.Attachment{ID: id, Name: u.Name, FileName: u.Name, ContentType: u.ContentType, Size: u.Size, UserID: owner, Key: u.Key})
	return fileSigner(t).Path(w.svc.Now(), home, id, u.Name)
}

func (w *world) keepRow(t *testing.T, a *crm.Attachment) {
	t.Helper()
	must(t, w.store.Update(t.Context(), home, func(tx *store.Write) error {
		if err := tx.AddAttachment(a); err != nil {
			return err
		}
		return tx.Log(a.ID, crm.LogEntry{Entity: "attachment", EntityID: a.ID, Action: "create", Changes: "{}", At: at("2026-11-21 12:00")})
	}))
}

func (w *world) fetch(target string, head ...string) answer {
	r := httptest.NewRequest("GET", "http://crm.example.com"+target, nil)
	for i := 0; i < len(head); i += 2 {
		r.Header.Set(head[i], head[i+1])
	}
	return w.do(r)
}

// Nothing that was uploaded can run as a page under our address: what a
// browser would run is for saving, no browser guesses the type, and whatever
// is shown all the same is shown without rights.
func TestUploadsAreNoPages(t *testing.T) {
	w := newWorld(t)
	for i, c := range []struct{ name, content, contentType, disposition string }{
		{"page.html", "<!DOCTYPE html><script>alert(1)</script>", "text/html", "attachment; filename=page.html"},
		{"drawing.svg", `<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`, "image/svg+xml", "attachment; filename=drawing.svg"},
		{"page.jpg", "<html><script>alert(1)</script>", "application/octet-stream", "attachment; filename=page.jpg"},
		{"both.html", "GIF89a/*<script>alert(1)</script>", "application/octet-stream", "attachment; filename=both.html"},
		{"feed.xml", "<?xml version=\"1.0\"?><a/>", "text/xml", "attachment; filename=feed.xml"},
		{"notes.txt", "<b>no page", "application/octet-stream", "attachment; filename=notes.txt"},
		{`客户 "名单".csv`, "姓名,电话\n", "text/csv", "attachment; filename*=utf-8''%E5%AE%A2%E6%88%B7%20%22%E5%90%8D%E5%8D%95%22.csv"},
		{"offer.pdf", "%PDF-1.7\n", "application/pdf", "inline; filename=offer.pdf"},
	} {
		link := w.keepFile(t, int64(20000+i), c.name, c.content)
		a := w.fetch(link)
		h := a.header
		if a.status != 200 || a.body != c.content || h.Get("Content-Type") != c.contentType || h.Get("Content-Disposition") != c.disposition {
			t.Errorf("%s: %d %q %q", c.name, a.status, h.Get("Content-Type"), h.Get("Content-Disposition"))
		}
		for _, a := range []answer{a, w.fetch(link, "Range", "bytes=0-1"), w.fetch(link + "?imageslim"), w.fetch(link + "?imageMogr2/thumbnail/99999x"),
			w.fetch(link, "Range", "bytes=900-")} {
			if a.header.Get("X-Content-Type-Options") != "nosniff" || a.status < 300 && a.header.Get("Content-Security-Policy") != "default-src 'none'; sandbox" {
				t.Errorf("%s: %d %v", c.name, a.status, a.header)
			}
		}
		if a := w.fetch(link, "Range", "bytes=1-2"); a.status != http.StatusPartialContent || a.body != c.content[1:3] {
			t.Errorf("%s: a part is %d %q", c.name, a.status, a.body)
		}
	}
	// A row may say anything of a file; only known types are shown.
	for i, contentType := range []string{"text/html; charset=utf-8", "IMAGE/SVG+XML", "image/bmp", ""} {
		key := blob.NewKey(home)
		_, err := w.blobs.Put(t.Context(), key, strings.NewReader("<script>"))
		must(t, err)
		id := int64(21000 + i)
		w.keepRow(t, &crm.Attachment{ID: id, Name: "x", FileName: "x\r\nSet-Cookie: a=b", ContentType: contentType, UserID: owner, Key: key})
		a := w.fetch(fileSigner(t).Path(w.svc.Now(), home, id, "x"))
		if d := a.header.Get("Content-Disposition"); !strings.HasPrefix(d, "attachment") || strings.ContainsAny(d, "\r\n") || a.header.Get("Content-Type") == "" && contentType != "" {
			t.Errorf("%q: %v", contentType, a.header)
		}
	}
}

// silent is a storage that does not answer.
type silent struct{ blob.Store }

func (silent) Open(context.Context, string) (io.ReadSeekCloser, blob.Info, error) {
	return nil, blob.Info{}, fmt.Errorf("%w: open: connection refused", blob.ErrUnavailable)
}

func (silent) Put(context.Context, string, io.Reader) (int64, error) {
	return 0, fmt.Errorf("%w: put: connection refused", blob.ErrUnavailable)
}

func TestSilentStorage(t *testing.T) {
	w := newWorld(t)
	link := w.keepFile(t, 20000, "a.txt", "text")
	log := slog.New(slog.DiscardHandler)
	svc := service.New(w.store, silent{w.blobs}, nil, service.Settings{}, w.svc.Now, log)
	cache, err := picture.OpenCache(filepath.Join(t.TempDir(), "cache"), 0)
	must(t, err)
	files := NewFiles(svc, fileSigner(t), cache, log)
	for _, suffix := range []string{"", "?imageslim"} {
		rr := httptest.NewRecorder()
		files.ServeHTTP(rr, httptest.NewRequest("GET", link+suffix, nil))
		if rr.Code != http.StatusServiceUnavailable || rr.Header().Get("Retry-After") != "1" || rr.Header().Get("Cache-Control") != "" ||
			strings.Contains(rr.Body.String(), "connection") {
			t.Errorf("%s: %d %v %s", suffix, rr.Code, rr.Header(), rr.Body)
		}
	}
	if got := svc.Unavailable(fmt.Errorf("put: %w", blob.ErrUnavailable)); got != crm.ErrUnavailable {
		t.Errorf("a call is told %v", got)
	}
}
