package param_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"guanxi/internal/api/param"
)

// rawMultipart makes a multipart body from parts that are given with their headers.
func rawMultipart(parts ...string) string {
	var body strings.Builder
	for _, part := range parts {
		header, content, _ := strings.Cut(part, "|")
		fmt.Fprintf(&body, "--B\r\n%s\r\n\r\n%s\r\n", strings.ReplaceAll(header, "\n", "\r\n"), content)
	}
	body.WriteString("--B--\r\n")
	return body.String()
}

func TestMultipartNames(t *testing.T) {
	const disposition = "Content-Disposition: form-data; "
	body := rawMultipart(
		disposition+`name="user_token"|t`,
		disposition+`name="customer[name]"|张三`,
		disposition+`name="customer[contacts_attributes][0][name]"|李四`,
		disposition+`name="tags[]"|a`,
		disposition+`name="tags[]"|b`,
		disposition+`name=customer[note]|unquoted brackets`,
		disposition+`Name = loose[a]; x; name=second|1`,
		disposition+`name="empty"|`,
		disposition+`name="nothing"; filename=""
Content-Type: application/octet-stream|`,
		"X-Other: y|a part without a name",
		disposition+`name="typed"
Content-Type: application/json; charset=utf-8|{"a":1}`,
	)
	want := []pair{
		{"user_token", "t"},
		{"customer", []pair{
			{"name", "张三"}, {"contacts_attributes", []any{[]pair{{"name", "李四"}}}}, {"note", "unquoted brackets"},
		}},
		{"tags", []any{"a", "b"}}, {"loose", []pair{{"a", "1"}}}, {"empty", ""}, {"nothing", ""}, {"typed", `{"a":1}`},
	}
	for _, contentType := range []string{
		"multipart/form-data; boundary=B", `Multipart/Form-Data; Boundary="B"`, "multipart/form-data; boundary=B; charset",
		"multipart/form-data; ; boundary = B ;;x", `multipart/form-data; x; boundary="B"`,
	} {
		p := decode(t, request("POST", "/", contentType, body))
		if diff := cmp.Diff(want, pairs(p.Root())); diff != "" {
			t.Errorf("%s: %s", contentType, diff)
		}
	}
}

func TestFiles(t *testing.T) {
	const disposition = "Content-Disposition: form-data; "
	dir := t.TempDir()
	big, huge := strings.Repeat("big", 50), strings.Repeat("huge!", 9000)
	body := rawMultipart(
		disposition+`name="file"; filename="C:\\dir\\客户 1.xlsx"
Content-Type: application/vnd.ms-excel|small`,
		disposition+`name="attachments[]"; filename="../../a.txt"|`+big,
		disposition+`name="attachments[]"; filename*=UTF-8''%E5%90%8D.txt|`+huge,
		disposition+`name="a[file]"; filename=".."|last`,
		disposition+`name="text"|`+big,
	)
	p, err := param.Decode(request("POST", "/", "multipart/form-data; boundary=B", body), param.Limits{Memory: 100, TempDir: dir})
	if err != nil {
		t.Fatal(err)
	}
	want := []pair{
		{"file", "客户 1.xlsx:small"},
		{"attachments", []any{"a.txt:" + big, "名.txt:" + huge}},
		{"a", []pair{{"file", ":last"}}},
		{"text", big},
	}
	if diff := cmp.Diff(want, pairs(p.Root())); diff != "" {
		t.Error(diff)
	}
	f := p.File("file")
	if f.Size != 5 || f.ContentType != "application/vnd.ms-excel" || !p.Given("file") || p.String("file") != "" {
		t.Errorf("got %+v", f)
	}
	if _, _, err := p.Int64("file"); err == nil {
		t.Error("a file reads as an integer")
	}
	large := p.List("attachments")[1].File().Open()
	end := make([]byte, 5)
	if _, err := large.Seek(-5, io.SeekEnd); err != nil {
		t.Error(err)
	}
	if _, err := io.ReadFull(large, end); err != nil || string(end) != "huge!" {
		t.Errorf("got %q and %v", end, err)
	}
	if n := len(filesIn(t, dir)); n != 1 {
		t.Errorf("there are %d temporary files, want 1", n)
	}
	for range 2 {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	}
	if left := filesIn(t, dir); len(left) != 0 {
		t.Errorf("Close left %v", left)
	}
	if _, err := p.List("attachments")[0].File().Open().Read(end); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("reading after Close gave %v", err)
	}
}

func filesIn(t *testing.T, dir string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// TestUploadFails checks that nothing is left behind when a request goes wrong after a file was kept.
func TestUploadFails(t *testing.T) {
	const file = `Content-Disposition: form-data; name="f"; filename="f"|`
	const second = `Content-Disposition: form-data; name="g"; filename="g"|`
	const contentType = "multipart/form-data; boundary=B"
	content := strings.Repeat("x", 5000)
	whole := rawMultipart(file+content, second+content)
	long := `Content-Disposition: form-data; name="f"; filename="` + strings.Repeat("n", 513) + `"|x`
	tests := []struct {
		name, body string
		limits     param.Limits
		kind       param.ErrorKind
	}{
		{"too large in memory", whole, param.Limits{Multipart: 4000}, param.TooLarge},
		{"too large in the file", whole, param.Limits{Multipart: 4000, Memory: 10}, param.TooLarge},
		{"too large in the second", whole, param.Limits{Multipart: 8000, Memory: 10}, param.TooLarge},
		{"cut in memory", whole[:3000], param.Limits{}, param.Malformed},
		{"cut in the file", whole[:3000], param.Limits{Memory: 10}, param.Malformed},
		{"cut after the file", whole[:5200], param.Limits{Memory: 10}, param.Malformed},
		{"cut before the end", whole[:len(whole)-5], param.Limits{Memory: 10}, param.Malformed},
		{"bad field", rawMultipart(file+content, "Content-Disposition: form-data; name=\"f\"|\xff"), param.Limits{Memory: 10}, param.Malformed},
		{"bad name", rawMultipart(file+content, "Content-Disposition: form-data; name=\"\xff\"|x"), param.Limits{Memory: 10}, param.Malformed},
		{"bad file name", rawMultipart("Content-Disposition: form-data; name=\"f\"; filename=\"\xff\"|x"), param.Limits{}, param.Malformed},
		{"long file name", rawMultipart(file+content, long), param.Limits{Memory: 10}, param.TooLarge},
		{"deep name", rawMultipart(file+content, strings.Replace(file, `"f"`, `"a`+strings.Repeat("[b]", 32)+`"`, 1)), param.Limits{Memory: 10}, param.TooDeep},
		{"no part", "nothing", param.Limits{}, param.Malformed},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			test.limits.TempDir = t.TempDir()
			r := request("POST", "/", contentType, test.body)
			r.ContentLength = -1
			refused(t, r, test.limits, test.kind)
			if left := filesIn(t, test.limits.TempDir); len(left) != 0 {
				t.Errorf("Decode left %v", left)
			}
		})
	}
	gone := filepath.Join(t.TempDir(), "gone")
	p, err := param.Decode(request("POST", "/", contentType, whole), param.Limits{Memory: 10, TempDir: gone})
	if _, typed := errors.AsType[*param.Error](err); p != nil || typed || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing directory gave %v and %v", p, err)
	}
}

// TestDefaultMemory checks at the defaults that a megabyte stays in memory and a byte more does not.
func TestDefaultMemory(t *testing.T) {
	for extra, files := range []int{0, 1} {
		content := bytes.Repeat([]byte("x"), 1<<20+extra)
		body := rawMultipart(`Content-Disposition: form-data; name="f"; filename="f"|` + string(content))
		dir := t.TempDir()
		p, err := param.Decode(request("POST", "/", "multipart/form-data; boundary=B", body), param.Limits{TempDir: dir})
		if err != nil {
			t.Fatal(err)
		}
		if n := len(filesIn(t, dir)); n != files {
			t.Errorf("%d bytes make %d files, want %d", len(content), n, files)
		}
		got, err := io.ReadAll(p.File("f").Open())
		if err != nil || !bytes.Equal(got, content) {
			t.Errorf("got %d bytes and %v", len(got), err)
		}
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	}
}
