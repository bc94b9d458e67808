package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// answer is the envelope with the data as it came.
type answer struct {
	Server  string // that has answered
	Status  int
	Header  http.Header
	Body    string
	Code    *int
	Message string
	Error   string
	Data    json.RawMessage
}

// client talks to one server with keep-alive connections of its own.
type client struct {
	http  *http.Client
	url   string
	pick  func() string // chooses the server of each request; nil for url
	token string
}

func newClient(t *testing.T, url string) *client {
	transport := &http.Transport{MaxIdleConnsPerHost: 32}
	t.Cleanup(transport.CloseIdleConnections)
	return &client{http: &http.Client{Transport: transport}, url: url}
}

// send sends one request; err is set when no whole answer came.
func (c *client) send(ctx context.Context, method, path, contentType, body string, header ...string) (*answer, error) {
	server := c.url
	if c.pick != nil {
		server = c.pick()
	}
	req, err := http.NewRequestWithContext(ctx, method, server+path, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Token token="+c.token+", device=open_api, version_code=9.9.9")
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := c.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, err
	}
	a := &answer{Server: server, Status: res.StatusCode, Header: res.Header, Body: string(b)}
	if strings.HasPrefix(res.Header.Get("Content-Type"), "application/json") {
		if err := json.Unmarshal(b, a); err != nil {
			return nil, fmt.Errorf("%s %s answers no JSON: %w", method, path, err)
		}
	}
	return a, nil
}

// do sends one request that must be answered.
func (c *client) do(t *testing.T, method, path, contentType, body string, header ...string) *answer {
	t.Helper()
	a, err := c.send(within(t), method, path, contentType, body, header...)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func (c *client) get(t *testing.T, path string) *answer {
	t.Helper()
	return c.do(t, "GET", path, "", "")
}

// code is the code of the envelope, -1 where there is none.
func (a *answer) code() int {
	if a.Code == nil {
		return -1
	}
	return *a.Code
}

// expect fails the test on any other code.
func (a *answer) expect(t *testing.T, code int) *answer {
	t.Helper()
	if a.code() != code {
		t.Fatalf("want code %d, got HTTP %d %s", code, a.Status, a.Body)
	}
	return a
}

// decode reads the data of a good answer.
func (a *answer) decode(v any) error {
	if a.code() != 0 {
		return fmt.Errorf("HTTP %d %s", a.Status, a.Body)
	}
	return json.Unmarshal(a.Data, v)
}

// into decodes the data of a good answer.
func (a *answer) into(t *testing.T, v any) {
	t.Helper()
	if err := a.decode(v); err != nil {
		t.Fatal(err)
	}
}

const formType = "application/x-www-form-urlencoded"

// tryLogin signs in and gives the answer, whatever it is.
func (c *client) tryLogin(t *testing.T, login, password string) *answer {
	t.Helper()
	anonymous := *c
	anonymous.token = ""
	form := url.Values{"login": {login}, "password": {password}, "device": {"open_api"}, "version_code": {"9.9.9"}}
	return anonymous.do(t, "POST", "/api/v2/auth/login", formType, form.Encode())
}

// login signs in; the client sends the token from then on.
func (c *client) login(t *testing.T, login, password string) {
	t.Helper()
	var data struct {
		Token string `json:"user_token"`
	}
	c.tryLogin(t, login, password).into(t, &data)
	if len(data.Token) != 32 {
		t.Fatalf("a token of %d digits", len(data.Token))
	}
	c.token = data.Token
}

// signedIn is a client that has signed in.
func signedIn(t *testing.T, url, login, password string) *client {
	t.Helper()
	c := newClient(t, url)
	c.login(t, login, password)
	return c
}

// pairs are form fields in their order.
type pairs [][2]string

func (p pairs) form() string {
	var b strings.Builder
	for i, kv := range p {
		if i > 0 {
			b.WriteByte('&')
		}
		b.WriteString(url.QueryEscape(kv[0]) + "=" + url.QueryEscape(kv[1]))
	}
	return b.String()
}

func (p pairs) multipart() (contentType, body string) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, kv := range p {
		_ = w.WriteField(kv[0], kv[1]) // a buffer does not fail
	}
	_ = w.Close()
	return w.FormDataContentType(), b.String()
}

// found is what the look-up by name shows of a customer.
type found struct {
	ID       int64
	Name     string
	Address  foundAddress
	Contacts []struct {
		ID      int64
		Name    string
		Address foundAddress
	}
}

type foundAddress struct {
	ID    int64
	Owner int64 `json:"addressable_id"`
	Tel   *string
	Phone *string
}

// byName asks which customers have a name.
func (c *client) byName(ctx context.Context, name string) ([]found, error) {
	a, err := c.send(ctx, "GET", "/api/v2/duplicates/matching_name?name="+url.QueryEscape(name), "", "")
	if err != nil {
		return nil, err
	}
	var data struct{ Customers []found }
	if a.code() != 0 {
		return nil, fmt.Errorf("look up %s: %s", name, a.Body)
	}
	return data.Customers, json.Unmarshal(a.Data, &data)
}

// text is "" for null.
func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
