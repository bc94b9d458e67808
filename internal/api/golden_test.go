package api

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"guanxi/internal/service"
)

var update = flag.Bool("update", false, "write the golden bodies anew; read the difference before committing it")

// golden compares a whole body as text.
func golden(t *testing.T, name, body string) {
	t.Helper()
	file := filepath.Join("testdata", "golden", name+".json")
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, []byte(body), "", " "); err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	pretty.WriteByte('\n')
	if *update {
		must(t, os.MkdirAll(filepath.Dir(file), 0o755))
		must(t, os.WriteFile(file, pretty.Bytes(), 0o644))
	}
	want, err := os.ReadFile(file)
	must(t, err)
	if pretty.String() != string(want) {
		t.Errorf("%s differs:\n%s", file, diff(string(want), pretty.String()))
	}
}

func diff(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range max(len(w), len(g)) {
		if i >= len(w) || i >= len(g) || w[i] != g[i] {
			return "want " + strings.Join(w[min(i, len(w)):min(i+3, len(w))], "\n") + "\ngot  " + strings.Join(g[min(i, len(g)):min(i+3, len(g))], "\n")
		}
	}
	return ""
}

func TestGoldenBodies(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct {
		name, target string
		user         int64
	}{
		{"matching_name", "/api/v2/duplicates/matching_name?name=%E7%BB%8F%E7%90%861%E7%9A%84%E5%AE%A2%E6%88%B7", admin},
		{"matching_name_pool_labels", "/api/v2/duplicates/matching_name?name=公海客户", colleague},
		{"matching_name_pending", "/api/v2/duplicates/matching_name?name=待审批客户", owner},
		{"matching_name_none", "/api/v2/duplicates/matching_name?name=没有这个", owner},
		{"matching_name_blank", "/api/v2/duplicates/matching_name?name=%20%E3%80%80", owner},
		{"matching_name_missing", "/api/v2/duplicates/matching_name", owner},
		{"matching_name_masked", "/api/v2/duplicates/matching_name?name=经理1的客户", masked},
		{"contact", "/api/v2/contacts/20583", superior},
		{"contact_of_owner_with_position", "/api/v2/contacts/20583?lat=31.239676&lng=121.42799", owner},
		{"contact_bare", "/api/v2/contacts/145384", owner},
		{"contact_masked", "/api/v2/contacts/20583", masked},
		{"contact_field_rights", "/api/v2/contacts/20583", barred},
		{"contact_pool", "/api/v2/contacts/146000", admin},
		{"error_not_found", "/api/v2/contacts/1", owner},
		{"error_bad_position", "/api/v2/contacts/20583?lat=91&lng=0", owner},
		{"error_no_route", "/api/v2/nothing", owner},
		{"error_disabled", "/api/v2/contacts/20583", disabled},
	} {
		t.Run(c.name, func(t *testing.T) {
			w.t = t
			golden(t, c.name, w.get(home, c.user, c.target).body)
		})
	}
}

// The examples of the seeds, asked by somebody above the owner (as in the
// seeds: is_own, not is_user_self), differ from the seeds only where this
// server's own links and avatars stand.
func TestSeedsValueByValue(t *testing.T) {
	w := newWorld(t)
	for name, target := range map[string]string{
		"matching_name": "/api/v2/duplicates/matching_name?name=经理1的客户",
		"contact":       "/api/v2/contacts/20583",
	} {
		var want, got any
		b, err := os.ReadFile(filepath.Join("testdata", "seeds", name+".json"))
		must(t, err)
		must(t, json.Unmarshal(b, &want))
		must(t, json.Unmarshal([]byte(w.get(home, superior, target).body), &got))
		compareValues(t, name, want, got)
	}
}

// ours are the keys whose values are this server's own: its links, the one
// organization that holds both examples, and full_address of an empty address
// (the origin has "" and " " for the same thing, we have "").
var ours = map[string]bool{"avatar_url": true, "file_url": true, "origin_url": true, "public_url": true, "gaode_staticmap": true,
	"organization_id": true, "full_address": true}

func compareValues(t *testing.T, path string, want, got any) {
	t.Helper()
	switch want := want.(type) {
	case map[string]any:
		g, _ := got.(map[string]any)
		for k, v := range want {
			if !ours[k] {
				compareValues(t, path+"."+k, v, g[k])
			}
		}
	case []any:
		g, _ := got.([]any)
		if len(g) != len(want) {
			t.Errorf("%s: %d elements, want %d", path, len(g), len(want))
			return
		}
		for i := range want {
			compareValues(t, path, want[i], g[i])
		}
	default:
		if want == "" && got == "" {
			return
		}
		if want != got {
			t.Errorf("%s: %v, want %v", path, got, want)
		}
	}
}

// The seeds' samples: same keys, same order, same JSON types.
func TestSeedsStructure(t *testing.T) {
	w := newWorld(t)
	for name, target := range map[string]string{
		"matching_name": "/api/v2/duplicates/matching_name?name=经理1的客户",
		"contact":       "/api/v2/contacts/20583",
	} {
		b, err := os.ReadFile(filepath.Join("testdata", "seeds", name+".json"))
		must(t, err)
		want, got := structure(t, string(b)), structure(t, w.get(home, admin, target).body)
		if want != got {
			t.Errorf("%s:\n%s", name, diff(want, got))
		}
	}
}

// structure writes the keys in order with the type of each value.
func structure(t *testing.T, body string) string {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(body))
	d.UseNumber()
	var out strings.Builder
	var walk func(path string)
	walk = func(path string) {
		tok, err := d.Token()
		must(t, err)
		switch v := tok.(type) {
		case json.Delim:
			out.WriteString(path + " " + v.String() + "\n")
			for d.More() {
				if v == '{' {
					key, err := d.Token()
					must(t, err)
					walk(path + "." + key.(string))
				} else {
					walk(path + "[]")
				}
			}
			_, err := d.Token()
			must(t, err)
		case json.Number:
			kind := "integer"
			if strings.Contains(v.String(), ".") {
				kind = "float"
			}
			out.WriteString(path + " " + kind + "\n")
		case string:
			out.WriteString(path + " string" + form(v) + "\n")
		case bool:
			out.WriteString(path + " bool\n")
		default:
			out.WriteString(path + " null\n")
		}
	}
	walk("")
	return out.String()
}

// form tells the two forms of a time apart.
func form(s string) string {
	for _, layout := range []string{"2006-01-02 15:04", "2006-01-02T15:04:05.000-07:00"} {
		if _, err := time.Parse(layout, s); err == nil {
			return " " + layout
		}
	}
	return ""
}

// The error samples of the seeds, letter for letter.
func TestSeedErrors(t *testing.T) {
	w := newWorld(t, func(_ *Options, s *service.Settings) { s.SignInFailures = 0 })
	compact := func(name string) string {
		b, err := os.ReadFile(filepath.Join("testdata", "seeds", name+".json"))
		must(t, err)
		var c bytes.Buffer
		must(t, json.Compact(&c, b))
		return c.String()
	}
	for _, target := range []string{"/api/v2/contacts/1", "/api/v2/contacts/0", "/api/v2/contacts/-20583", "/api/v2/contacts/abc",
		"/api/v2/contacts/20583x", "/api/v2/contacts/99999999999999999999", "/api/v2/contacts/%00", "/api/v2/contacts/20583%20",
		"/api/v2/contacts/+20583", "/api/v2/contacts/20583%2f", "/api/v2/contacts/020583"} {
		if got := w.get(home, colleague, target); got.body != compact("contact_error") || got.status != 200 {
			t.Errorf("%s: %d %s", target, got.status, got.body)
		}
	}
	// A new sign-in on the same kind of device ends the former.
	w.signIn("13857000443", passwordOfAll)
	if got := w.get(home, owner, "/api/v2/contacts/20583"); got.body != compact("matching_name_error") || got.status != 200 {
		t.Errorf("replaced: %d %s", got.status, got.body)
	}
}
