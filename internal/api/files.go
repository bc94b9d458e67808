package api

import (
	"bytes"
	"context"
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
	w.Header().Set("Cache-Control", "private, max-age=3600")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; sandbox")
	if isPicture {
		f.picture(w, r, org, id, recipe)
		return
	}
	a, body, info, err := f.service.OpenFile(r.Context(), org, id)
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
func (f *Files) picture(w http.ResponseWriter, r *http.Request, org, id int64, recipe picture.Recipe) {
	key := strconv.FormatInt(org, 10) + "/" + strconv.FormatInt(id, 10) + "/" + recipe.Key()
	data, contentType, err := f.cache.Get(r.Context(), key, func(ctx context.Context) ([]byte, string, error) {
		_, body, _, err := f.service.OpenFile(ctx, org, id)
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
	switch {
	case errors.Is(err, crm.ErrNotFound), errors.Is(err, blob.ErrNotFound):
		http.Error(w, "no such file", http.StatusNotFound)
	case errors.Is(err, picture.ErrNotPicture):
		http.Error(w, "this file is not a picture", http.StatusUnsupportedMediaType)
	case errors.Is(err, picture.ErrTooLarge):
		http.Error(w, "this picture is too large to change", http.StatusRequestEntityTooLarge)
	case f.service.Unavailable(err) != nil:
		w.Header()["Retry-After"] = retryAfter
		http.Error(w, "the database does not answer", http.StatusServiceUnavailable)
	case r.Context().Err() != nil:
	default:
		f.log.Error("file", "request_id", w.Header().Get("X-Request-Id"), "error", err.Error())
		http.Error(w, "internal error "+w.Header().Get("X-Request-Id"), http.StatusInternalServerError)
	}
}

// disposition shows pictures in the page and saves everything else, since a
// file that was uploaded must not run as a page of ours.
func disposition(a *crm.Attachment) string {
	kind := "attachment"
	switch a.ContentType {
	case "image/jpeg", "image/png", "image/gif", "image/webp", "application/pdf":
		kind = "inline"
	}
	return mime.FormatMediaType(kind, map[string]string{"filename": strings.ToValidUTF8(a.FileName, "_")})
}
