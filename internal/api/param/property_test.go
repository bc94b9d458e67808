package param_test

import (
	"bytes"
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"guanxi/internal/api/param"
)

// A tree is a string, a []any that is not empty, or a []pair that is not empty.

func drawText(t *rapid.T, label string) string {
	return rapid.OneOf(
		rapid.StringMatching(`[a-z0-9_]{0,8}`),
		rapid.StringOf(rapid.Rune().Filter(func(r rune) bool { return r != 0 && utf8.ValidRune(r) })).Filter(utf8.ValidString),
		rapid.SampledFrom([]string{"", "张三", "a&b=c", "100%", "%41", "+ +", "\"\\\r\n", "[x]", "?"}),
	).Draw(t, label)
}

// drawKey draws a name that a form key can carry between brackets.
func drawKey(t *rapid.T) string {
	key := strings.Map(func(r rune) rune {
		if strings.ContainsRune("[]?", r) || unicode.IsControl(r) {
			return -1 // A multipart header cannot carry control characters.
		}
		return r
	}, drawText(t, "key"))
	if key == "" || len(key) > 40 {
		return "k"
	}
	return key
}

func drawTree(t *rapid.T, depth int) any {
	kind := 0
	if depth > 0 {
		kind = rapid.IntRange(0, 3).Draw(t, "kind")
	}
	switch kind {
	case 1:
		list := make([]any, rapid.IntRange(1, 4).Draw(t, "length"))
		for i := range list {
			list[i] = drawTree(t, depth-1)
		}
		return list
	case 2:
		return drawObject(t, depth-1)
	default:
		return drawText(t, "text")
	}
}

func drawObject(t *rapid.T, depth int) []pair {
	var object []pair
	seen := map[string]bool{}
	for range rapid.IntRange(1, 4).Draw(t, "keys") {
		if key := drawKey(t); !seen[key] {
			seen[key] = true
			object = append(object, pair{key, drawTree(t, depth)})
		}
	}
	return object
}

// flatten writes a tree as form pairs, with numbers for lists.
func flatten(prefix string, tree any, out *[]pair) {
	switch tree := tree.(type) {
	case string:
		*out = append(*out, pair{prefix, tree})
	case []any:
		for i, item := range tree {
			flatten(prefix+"["+strconv.Itoa(i)+"]", item, out)
		}
	case []pair:
		for _, p := range tree {
			key := p.Key
			if prefix != "" {
				key = prefix + "[" + key + "]"
			}
			flatten(key, p.Val, out)
		}
	}
}

// writeJSON writes a tree as JSON with keys in order. With hashes, lists become objects with numbers as keys.
func writeJSON(buf *bytes.Buffer, tree any, hashes bool) {
	quote := func(s string) {
		text, err := json.Marshal(s)
		if err != nil {
			panic(err)
		}
		buf.Write(text)
	}
	switch tree := tree.(type) {
	case string:
		quote(tree)
	case []any:
		if hashes {
			var object []pair
			for i, item := range tree {
				object = append(object, pair{strconv.Itoa(i), item})
			}
			writeJSON(buf, object, hashes)
			return
		}
		for i, item := range tree {
			buf.WriteByte("[,"[min(i, 1)])
			writeJSON(buf, item, hashes)
		}
		buf.WriteByte(']')
	case []pair:
		for i, p := range tree {
			buf.WriteByte("{,"[min(i, 1)])
			quote(p.Key)
			buf.WriteByte(':')
			writeJSON(buf, p.Val, hashes)
		}
		buf.WriteByte('}')
	}
}

func encodeForm(fields []pair, literal bool) string {
	var parts []string
	for _, f := range fields {
		key := url.QueryEscape(f.Key)
		if literal {
			key = strings.NewReplacer("%5B", "[", "%5D", "]").Replace(key)
		}
		parts = append(parts, key+"="+url.QueryEscape(f.Val.(string)))
	}
	return strings.Join(parts, "&")
}

// TestEncodingsAgree sends one tree in all encodings and reads the same tree from each.
func TestEncodingsAgree(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		tree := drawObject(rt, 4)
		var fields []pair
		flatten("", tree, &fields)
		var array, hash bytes.Buffer
		writeJSON(&array, tree, false)
		writeJSON(&hash, tree, true)
		multiType, multi := multipartBody(t, fields...)
		form, literal := encodeForm(fields, false), encodeForm(fields, true)
		var want []pair
		for _, sent := range []struct{ name, query, contentType, body string }{
			{"JSON", "", jsonType, array.String()},
			{"JSON with numbered hashes", "", jsonType, hash.String()},
			{"JSON without type", "", "", array.String()},
			{"form", "", formType, form},
			{"form with literal brackets", "", formType, literal},
			{"query", "?" + form, "", ""},
			{"query with literal brackets", "?" + literal, "", ""},
			{"multipart", "", multiType, multi},
		} {
			p, err := param.Decode(request("POST", "/"+sent.query, sent.contentType, sent.body), param.Limits{})
			if err != nil {
				rt.Fatalf("%s: %v", sent.name, err)
			}
			got := pairs(p.Root())
			if want == nil {
				want = got
				compareTree(rt, "", tree, p.Root())
			}
			if diff := cmp.Diff(want, got); diff != "" {
				rt.Fatalf("%s: %s", sent.name, diff)
			}
		}
	})
}

// compareTree checks a decoded value against the drawn tree by named access.
func compareTree(t *rapid.T, path string, tree any, v param.Value) {
	switch tree := tree.(type) {
	case string:
		if v.Text() != tree || v.Filled() != (tree != "") {
			t.Fatalf("%s: got %q, want %q", path, v.Text(), tree)
		}
	case []any:
		list := v.List()
		if len(list) != len(tree) {
			t.Fatalf("%s: got %d elements, want %d", path, len(list), len(tree))
		}
		for i := range tree {
			compareTree(t, path+"/"+strconv.Itoa(i), tree[i], list[i])
		}
	case []pair:
		keys := v.Keys()
		if len(keys) != len(tree) {
			t.Fatalf("%s: got %d keys, want %d", path, len(keys), len(tree))
		}
		for i, p := range tree {
			if keys[i] != p.Key {
				t.Fatalf("%s: key %d is %q, want %q", path, i, keys[i], p.Key)
			}
			compareTree(t, path+"/"+p.Key, p.Val, v.Get(p.Key))
		}
	}
}

// TestEmptyBracketsAgree sends lists of texts, and lists of objects that all have the same first key, with empty
// brackets.
func TestEmptyBracketsAgree(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		texts := rapid.SliceOfN(rapid.String().Filter(func(s string) bool {
			return utf8.ValidString(s) && !strings.Contains(s, "\x00")
		}), 1, 5).Draw(rt, "texts")
		var fields []pair
		var objects []any
		for _, text := range texts {
			fields = append(fields, pair{"a[b][]", text}, pair{"c[][id]", text})
			object := []pair{{"id", text}}
			if rapid.Bool().Draw(rt, "more") {
				fields = append(fields, pair{"c[][more][x]", text}, pair{"c[][list][]", text}, pair{"c[][list][]", "y"})
				object = append(object, pair{"more", []pair{{"x", text}}}, pair{"list", []any{text, "y"}})
			}
			objects = append(objects, object)
		}
		p, err := param.Decode(request("GET", "/?"+encodeForm(fields, true), "", ""), param.Limits{})
		if err != nil {
			rt.Fatal(err)
		}
		if diff := cmp.Diff(texts, p.Object("a").Strings("b")); diff != "" {
			rt.Fatal(diff)
		}
		if diff := cmp.Diff(objects, plain(p.Get("c"))); diff != "" {
			rt.Fatal(diff)
		}
	})
}

// TestAnyRequest sends anything at all under small limits: it either is refused with a typed error or gives a tree
// within the limits.
func TestAnyRequest(t *testing.T) {
	piece := rapid.SampledFrom([]string{
		"a", "b", "[", "]", "[]", "[0]", "[a]", "=", "&", "?", "%5B", "%5d", "%", "%00", "%ff", "+", "{", "}", `"`, ":", ",", `{"a":`,
		`\u0000`, `\ud800`, "1", "-", "e", ".", "null", "true", " ", "\r\n", "--B", "--B--", "Content-Disposition: form-data; name=\"a\"",
		"; filename=f", "\uFEFF", "\x00", "\xff", "张",
	})
	text := rapid.Custom(func(rt *rapid.T) string { return strings.Join(rapid.SliceOf(piece).Draw(rt, "pieces"), "") })
	types := rapid.SampledFrom([]string{
		"", formType, jsonType, "multipart/form-data; boundary=B", "multipart/form-data", "text/plain", ";;", "multipart/; boundary=",
	})
	dir := t.TempDir()
	rapid.Check(t, func(rt *rapid.T) {
		limits := param.Limits{Depth: 3, Items: 6, Key: 12, Body: 60, Multipart: 200, Memory: 2, TempDir: dir}
		r := request("POST", "/?"+text.Draw(rt, "query"), types.Draw(rt, "type"), text.Draw(rt, "body"))
		if err := checkRequest(r, limits); err != nil {
			rt.Fatal(err)
		}
	})
	if left := filesIn(t, dir); len(left) != 0 {
		t.Errorf("there are temporary files left: %v", left)
	}
}
