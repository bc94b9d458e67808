package api

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// outgoing is a request while it is put together.
type outgoing struct {
	method, path string
	params       map[string]any // as JSON gives them
	query        [][2]string    // what stands in the query whatever the encoding
	header       http.Header
}

// An encoding writes the parameters of a request in one of the ways of wire.md.
type encoding struct {
	name  string
	write func(t *testing.T, o outgoing) *http.Request
}

// readings are the encodings of calls that read.
func readings() []encoding {
	return []encoding{
		{"query", inQuery("%s?%s", listed)},
		{"query with numbered lists", inQuery("%s?%s", numbered)},
		{"query with literal brackets", literally(inQuery("%s?%s", listed))},
		{"query with a doubled question mark", inQuery("%s??%s", listed)},
		{"trailing slash", inQuery("%s/?%s", listed)},
		{"query, JSON announced without a body", typed("application/json;charset=utf-8", inQuery("%s?%s", listed))},
		{"form body", inForm("application/x-www-form-urlencoded", listed)},
		{"form body with numbered lists", inForm("application/x-www-form-urlencoded", numbered)},
		{"JSON body", inJSON("application/json", plainly)},
	}
}

// writings are the encodings of calls that write and send something.
func writings() []encoding {
	return []encoding{
		{"form", inForm("application/x-www-form-urlencoded", listed)},
		{"form with numbered lists", inForm("application/x-www-form-urlencoded", numbered)},
		{"form with literal brackets", literally(inForm("application/x-www-form-urlencoded; charset=UTF-8", listed))},
		{"form without a type", inForm("", numbered)},
		{"multipart with flat names", inParts(listed)},
		{"multipart with numbered lists", inParts(numbered)},
		{"JSON", inJSON("application/json", plainly)},
		{"JSON; charset", inJSON("application/json;charset=utf-8", plainly)},
		{"JSON; chartset", inJSON("application/json; chartset=utf-8", plainly)},
		{"JSON without a type", inJSON("", plainly)},
		{"JSON announced as a form", inJSON("application/x-www-form-urlencoded", plainly)},
		{"JSON with escapes", inJSON("application/json", escaped)},
		{"JSON with hashes for lists", inJSON("application/json", hashed)},
		{"JSON with texts for numbers", inJSON("application/json", quoted)},
		{"query of an empty body", inQuery("%s?%s", listed)},
		{"query with a doubled question mark", inQuery("%s??%s", numbered)},
		{"trailing slash", inQuery("%s/?%s", numbered)},
	}
}

// bare are the encodings of calls that write and send nothing.
func bare() []encoding {
	return []encoding{
		{"no body", inQuery("%s", listed)},
		{"Content-Length: 0", typed("application/x-www-form-urlencoded", inQuery("%s", listed))},
		{"JSON announced without a body", typed("application/json", inQuery("%s", listed))},
		{"empty object", inJSON("application/json", plainly)},
		{"trailing slash", inQuery("%s/", listed)},
	}
}

// A way is one in which clients send the token.
type way struct {
	name string
	put  func(o *outgoing, token string)
}

// ways are those of wire.md §3 that do not touch the body.
func ways() []way {
	header := func(name, format string) func(*outgoing, string) {
		return func(o *outgoing, token string) { o.header.Set(name, fmt.Sprintf(format, token)) }
	}
	query := func(pairs ...[2]string) func(*outgoing, string) {
		return func(o *outgoing, token string) {
			for _, p := range pairs {
				if p[0] == "user_token" {
					p[1] = token
				}
				o.query = append(o.query, p)
			}
		}
	}
	return []way{
		{"header with spaces", header("Authorization", "Token token=%s, device=open_api, version_code=9.9.9")},
		{"header without spaces", header("Authorization", "Token token=%s,device=open_api,version_code=9.9.9")},
		{"header with quotes", header("Authorization", `Token token="%s",version_code="3.3.0",device="dingtalk"`)},
		{"header of the mobile client", header("Authorization", `Token token="%s",device="lxcrm_duli",version_code="4.0.1"`)},
		{"header in another order", header("Authorization", `Token device="web", token="%s"`)},
		{"header with the token only", header("Authorization", "Token token=%s")},
		{"ACCESS-TOKEN", header("ACCESS-TOKEN", "%s")},
		{"access-token of the vendor's page", func(o *outgoing, token string) {
			o.header.Set("access-token", token)
			o.header.Set("X-LXY-PLATFORM", "lixiaoyun")
			o.header.Set("X-LXY-APP", "crm")
			o.header.Set("Accept", "application/json")
		}},
		{"both headers", func(o *outgoing, token string) {
			o.header.Set("Authorization", `Token token="`+token+`",device="web"`)
			o.header.Set("ACCESS-TOKEN", token)
		}},
		{"query", query([2]string{"user_token"}, [2]string{"device", "open_api"}, [2]string{"version_code", "9.9.9"})},
		{"query in another order", query([2]string{"version_code", "9.9.9"}, [2]string{"device", "dingtalk"}, [2]string{"user_token"})},
		{"beside the object", func(o *outgoing, token string) {
			o.params = maps.Clone(o.params)
			o.params["user_token"], o.params["device"], o.params["version_code"] = token, "open_api", "9.9.9"
		}},
	}
}

// pairs are the parameters as a form writes them, in the order of their names.
// list is the key of the i-th of a list's texts; objects in lists are always
// numbered, as all clients do.
func pairs(key string, v any, list func(i int) string) (all [][2]string) {
	switch v := v.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			inner := name
			if key != "" {
				inner = key + "[" + name + "]"
			}
			all = append(all, pairs(inner, v[name], list)...)
		}
	case []any:
		for i, e := range v {
			inner := key + list(i)
			if _, object := e.(map[string]any); object {
				inner = key + numbered(i)
			}
			all = append(all, pairs(inner, e, list)...)
		}
		if len(v) == 0 {
			all = append(all, [2]string{key + list(0), ""})
		}
	case nil:
		all = append(all, [2]string{key, ""})
	default:
		all = append(all, [2]string{key, fmt.Sprint(v)})
	}
	return all
}

func listed(int) string     { return "[]" }
func numbered(i int) string { return fmt.Sprintf("[%d]", i) }

func encode(all [][2]string) string {
	var parts []string
	for _, p := range all {
		parts = append(parts, url.QueryEscape(p[0])+"="+url.QueryEscape(p[1]))
	}
	return strings.Join(parts, "&")
}

func (o outgoing) request(target, contentType, body string) *http.Request {
	r := httptest.NewRequest(o.method, "http://crm.example.com"+target, strings.NewReader(body))
	if body == "" {
		r.Body, r.ContentLength = http.NoBody, 0
	}
	r.Header = o.header.Clone()
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	return r
}

// inQuery puts everything into the query; format joins it to the path.
func inQuery(format string, list func(int) string) func(*testing.T, outgoing) *http.Request {
	return func(_ *testing.T, o outgoing) *http.Request {
		all := encode(append(slices.Clone(o.query), pairs("", o.params, list)...))
		var target string
		switch {
		case strings.Count(format, "%s") == 2:
			target = fmt.Sprintf(format, o.path, all)
		case all != "":
			target = fmt.Sprintf(format, o.path) + "?" + all
		default:
			target = fmt.Sprintf(format, o.path)
		}
		return o.request(target, "", "")
	}
}

// withBody is the path with what stands in the query beside a body.
func (o outgoing) withBody() string {
	if len(o.query) == 0 {
		return o.path
	}
	return o.path + "?" + encode(o.query)
}

func inForm(contentType string, list func(int) string) func(*testing.T, outgoing) *http.Request {
	return func(_ *testing.T, o outgoing) *http.Request {
		return o.request(o.withBody(), contentType, encode(pairs("", o.params, list)))
	}
}

func inParts(list func(int) string) func(*testing.T, outgoing) *http.Request {
	return func(t *testing.T, o outgoing) *http.Request {
		var b bytes.Buffer
		w := multipart.NewWriter(&b)
		for _, p := range pairs("", o.params, list) {
			must(t, w.WriteField(p[0], p[1]))
		}
		must(t, w.Close())
		return o.request(o.withBody(), w.FormDataContentType(), b.String())
	}
}

func inJSON(contentType string, shape func(string, any) any) func(*testing.T, outgoing) *http.Request {
	return func(t *testing.T, o outgoing) *http.Request {
		body, err := json.Marshal(shape("", o.params))
		must(t, err)
		text := string(body)
		if shape("", "单") != "单" {
			text = strings.ReplaceAll(text, `\\u`, `\u`)
		}
		return o.request(o.withBody(), contentType, text)
	}
}

// plainly is a value as it is; escaped, hashed and quoted are the same value as
// other programs write it.
func plainly(_ string, v any) any { return v }

// escaped writes every character that is not ASCII by its number; inJSON takes
// the doubled backslash away.
func escaped(_ string, v any) any {
	return each(escaped, v, func(v any) any {
		text, ok := v.(string)
		if !ok {
			return v
		}
		var out strings.Builder
		for _, c := range text {
			if c < 0x80 {
				out.WriteRune(c)
			} else {
				fmt.Fprintf(&out, `\u%04x`, c)
			}
		}
		return out.String()
	})
}

// hashed writes a list as a hash with numbers for keys.
func hashed(_ string, v any) any {
	v = each(hashed, v, func(v any) any { return v })
	list, ok := v.([]any)
	if !ok || len(list) == 0 {
		return v
	}
	out := map[string]any{}
	for i, e := range list {
		out[fmt.Sprint(i)] = e
	}
	return out
}

// quoted writes numbers and booleans as texts.
func quoted(_ string, v any) any {
	return each(quoted, v, func(v any) any {
		switch v.(type) {
		case json.Number, bool:
			return fmt.Sprint(v)
		}
		return v
	})
}

// each reshapes what lies in an object or a list, and leaves what does not to
// leaf.
func each(shape func(string, any) any, v any, leaf func(any) any) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for k, e := range v {
			out[k] = shape(k, e)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = shape("", e)
		}
		return out
	}
	return leaf(v)
}

// literally leaves brackets as they are.
func literally(write func(*testing.T, outgoing) *http.Request) func(*testing.T, outgoing) *http.Request {
	plain := strings.NewReplacer("%5B", "[", "%5D", "]")
	return func(t *testing.T, o outgoing) *http.Request {
		r := write(t, o)
		var body bytes.Buffer
		if _, err := body.ReadFrom(r.Body); err != nil {
			t.Fatal(err)
		}
		target := cmp.Or(r.URL.RawQuery, "")
		if target != "" {
			target = "?" + plain.Replace(target)
		}
		return o.request(r.URL.Path+target, r.Header.Get("Content-Type"), plain.Replace(body.String()))
	}
}

// typed announces a body that does not come.
func typed(contentType string, write func(*testing.T, outgoing) *http.Request) func(*testing.T, outgoing) *http.Request {
	return func(t *testing.T, o outgoing) *http.Request {
		r := write(t, o)
		r.Header.Set("Content-Type", contentType)
		return r
	}
}
