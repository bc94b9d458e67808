package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"log/slog"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"guanxi/internal/blob"
	"guanxi/internal/crm"
	"guanxi/internal/picture"
	"guanxi/internal/service"
)

// Files answers links to attachments and the drawn avatars. A link is signed
// and expires; that the caller was shown it is all that is asked.
type Files struct {
	service *service.Service
	signer  *blob.Signer
	cache   *picture.Cache
	log     *slog.Logger
	mux     *http.ServeMux
}

// NewFiles makes the handler of /attachments/ and /assets/.
func NewFiles(svc *service.Service, signer *blob.Signer, cache *picture.Cache, log *slog.Logger) *Files {
	f := &Files{service: svc, signer: signer, cache: cache, log: log, mux: http.NewServeMux()}
	f.mux.HandleFunc("GET /attachments/files/{id}/{token}/{name}", f.attachment)
	for _, kind := range []string{"male_uc", "female_uc"} {
		drawn := picture.Avatar(kind)
		f.mux.HandleFunc("GET /assets/"+kind+".jpg", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "image/jpeg")
			w.Header().Set("Cache-Control", "public, max-age=86400")
			http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(drawn))
		})
	}
	return f
}

func (f *Files) ServeHTTP(w http.ResponseWriter, r *http.Request) { f.mux.ServeHTTP(w, r) }

func (f *Files) attachment(w http.ResponseWriter, r *http.Request) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		http.Error(w, "no such file", http.StatusNotFound)
		return
	}
	org, err := f.signer.Verify(f.service.Now(), id, r.PathValue("token"))
	switch {
	case errors.Is(err, blob.ErrExpiredLink):
		http.Error(w, "this link has expired", http.StatusForbidden)
		return
	case err != nil:
		http.Error(w, "no such file", http.StatusNotFound)
		return
	}
	recipe, isPicture, err := picture.Parse(r.URL.RawQuery)
	if err != nil {
		http.Error(w, "bad picture suffix", http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Security-Policy", "default-src 'none'; sandbox")
	w.Header()["X-Content-Type-Options"] = noSniff
	// The row is looked for at each request, and clients ask each time: what was
	// deleted is shown by no link any more.
	a, err := f.service.LinkedFile(r.Context(), org, id)
	if err != nil {
		f.fail(w, r, err)
		return
	}
	w.Header()["Cache-Control"] = privateNoCache
	form := ""
	if isPicture {
		form = recipe.Key()
	}
	// Bytes under a key never change, so that the key stands for them.
	sum := sha256.Sum256([]byte(a.Key + "\x00" + form))
	tag := `"` + base64.RawURLEncoding.EncodeToString(sum[:16]) + `"`
	w.Header()["Etag"] = []string{tag}
	switch {
	case matches(r.Header["If-None-Match"], tag):
		w.WriteHeader(http.StatusNotModified)
	case isPicture:
		f.picture(w, r, a, recipe)
	default:
		f.whole(w, r, a)
	}
}

// whole answers a file as it was uploaded.
func (f *Files) whole(w http.ResponseWriter, r *http.Request, a *crm.Attachment) {
	body, info, err := f.service.OpenFile(r.Context(), a)
	if err != nil {
		f.fail(w, r, err)
		return
	}
	defer body.Close()
	w.Header().Set("Content-Type", a.ContentType)
	w.Header().Set("Content-Disposition", disposition(a))
	http.ServeContent(w, r, "", info.ModTime, body)
}

// picture answers a changed form of a picture, made once and kept.
func (f *Files) picture(w http.ResponseWriter, r *http.Request, a *crm.Attachment, recipe picture.Recipe) {
	data, contentType, err := f.cache.Get(r.Context(), a.Key+"/"+recipe.Key(), func(ctx context.Context) ([]byte, string, error) {
		body, _, err := f.service.OpenFile(ctx, a)
		if err != nil {
			return nil, "", err
		}
		defer body.Close()
		return picture.Apply(ctx, body, recipe)
	})
	if err != nil {
		f.fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", contentType)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data))
}

func (f *Files) fail(w http.ResponseWriter, r *http.Request, err error) {
	w.Header().Del("Cache-Control")
	w.Header().Del("ETag")
	switch {
	case errors.Is(err, crm.ErrNotFound), errors.Is(err, blob.ErrNotFound):
		http.Error(w, "no such file", http.StatusNotFound)
	case errors.Is(err, picture.ErrNotPicture):
		http.Error(w, "this file is not a picture", http.StatusUnsupportedMediaType)
	case errors.Is(err, picture.ErrTooLarge):
		http.Error(w, "this picture is too large to change", http.StatusRequestEntityTooLarge)
	case f.service.Unavailable(err) != nil:
		w.Header()["Retry-After"] = retryAfter
		http.Error(w, "the database or the storage of files does not answer", http.StatusServiceUnavailable)
	case r.Context().Err() != nil:
	default:
		f.log.Error("file", "request_id", w.Header().Get("X-Request-Id"), "error", err.Error())
		http.Error(w, "internal error "+w.Header().Get("X-Request-Id"), http.StatusInternalServerError)
	}
}

// disposition shows pictures and PDFs in the page and saves everything else, since a
// file that was uploaded must not run as a page of ours.
func disposition(a *crm.Attachment) string {
	kind := "attachment"
	if blob.Inline(a.ContentType) {
		kind = "inline"
	}
	return mime.FormatMediaType(kind, map[string]string{"filename": strings.ToValidUTF8(a.FileName, "_")})
}
