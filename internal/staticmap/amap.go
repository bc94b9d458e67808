package staticmap

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// DefaultAMapURL is where AMap serves pictures.
const DefaultAMapURL = "https://restapi.amap.com/v3/staticmap"

const (
	amapTimeout  = 5 * time.Second
	amapMaxBytes = 2 << 20
)

// ErrAMap says that AMap gave no picture. Errors of Fetch wrap it.
var ErrAMap = errors.New("amap gave no picture")

// AMap fetches pictures from AMap with the operator's key. The key is in no
// error and no printed form of an AMap. The fields must not be changed after
// the first Fetch; Fetch may be called from several goroutines at once.
type AMap struct {
	// BaseURL is where pictures are fetched. NewAMap sets DefaultAMapURL.
	BaseURL string
	// OnError, when set, is told of every failure, for a log.
	OnError func(error)

	key    string
	client *http.Client
}

// NewAMap makes a fetcher that uses the key.
func NewAMap(key string) *AMap {
	return &AMap{
		BaseURL: DefaultAMapURL,
		key:     key,
		client: &http.Client{
			Timeout: amapTimeout,
			// A redirect would carry the key to another place.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
}

// String keeps the key out of printed values.
func (a *AMap) String() string { return "AMap at " + a.BaseURL }

// GoString keeps the key out of printed values.
func (a *AMap) GoString() string { return a.String() }

// Fetch gets the real picture of a request with its media type. It takes at
// most 5 seconds, takes at most 2 MiB, follows no redirects and accepts only
// pictures. It does not fall back to Draw; that is for the caller.
func (a *AMap) Fetch(ctx context.Context, r Request) (data []byte, contentType string, err error) {
	data, contentType, err = a.fetch(ctx, r)
	if err == nil {
		return data, contentType, nil
	}
	// The client's errors quote the address, and with it the key.
	var u *url.Error
	for errors.As(err, &u) {
		err = u.Err
	}
	err = &amapError{a.scrub(err.Error()), ctx.Err()}
	if a.OnError != nil {
		a.OnError(err)
	}
	return nil, "", err
}

// amapError is a failure without the key. It unwraps to nothing but ErrAMap
// and the error of the caller's context, because the original may hold it.
type amapError struct {
	text string
	ctx  error
}

func (e *amapError) Error() string { return ErrAMap.Error() + ": " + e.text }

func (e *amapError) Unwrap() []error {
	if e.ctx != nil {
		return []error{ErrAMap, e.ctx}
	}
	return []error{ErrAMap}
}

// scrub removes the key from a text, whichever way it got there.
func (a *AMap) scrub(text string) string {
	for _, form := range []string{a.key, url.QueryEscape(a.key)} {
		if form != "" {
			text = strings.ReplaceAll(text, form, "***")
		}
	}
	return text
}

func (a *AMap) fetch(ctx context.Context, r Request) ([]byte, string, error) {
	base, err := url.Parse(a.BaseURL)
	if err != nil {
		return nil, "", errors.New("the base address is malformed")
	}
	base.RawQuery = r.Query() + "&key=" + url.QueryEscape(a.key)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, base.String(), nil)
	if err != nil {
		return nil, "", err
	}
	req.Header.Set("Accept", "image/*")
	resp, err := a.client.Do(req)
	if err != nil {
		return nil, "", err
	}
	defer func() { _ = resp.Body.Close() }()
	data, err := io.ReadAll(io.LimitReader(resp.Body, amapMaxBytes+1))
	switch {
	case err != nil:
		return nil, "", err
	case resp.StatusCode != http.StatusOK:
		return nil, "", fmt.Errorf("status %d", resp.StatusCode)
	case len(data) > amapMaxBytes:
		return nil, "", fmt.Errorf("more than %d bytes", amapMaxBytes)
	}
	declared, _, err := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if err != nil || !strings.HasPrefix(declared, "image/") {
		return nil, "", fmt.Errorf("the answer is no picture%s", infoCode(data))
	}
	// The declared type is not passed on: an SVG would be a picture too, and
	// could run scripts under this server's name.
	contentType := http.DetectContentType(data)
	if !strings.HasPrefix(contentType, "image/") {
		return nil, "", errors.New("the answer is said to be a picture and is none")
	}
	return data, contentType, nil
}

// infoCodeForm is what an error number of AMap looks like.
var infoCodeForm = regexp.MustCompile(`^[0-9]{1,10}$`)

// infoCode finds the number in AMap's JSON errors. Nothing else of the answer
// is quoted.
func infoCode(data []byte) string {
	var answer struct {
		InfoCode string `json:"infocode"`
	}
	if json.Unmarshal(data, &answer) != nil || !infoCodeForm.MatchString(answer.InfoCode) {
		return ""
	}
	return ", infocode " + answer.InfoCode
}
