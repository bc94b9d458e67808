package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"log/slog"
	"mime/multipart"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"guanxi/internal/api/call"
	"guanxi/internal/obs"
	"guanxi/internal/service"
)

// fileWorld is a world that takes uploads of a megabyte.
func fileWorld(t *testing.T) *world {
	return newWorld(t, func(_ *Options, s *service.Settings) { s.UploadLimit = 1 << 20 })
}

// drawnPNG is a picture of a size.
func drawnPNG(t *testing.T, width, height int) string {
	var b bytes.Buffer
	must(t, png.Encode(&b, image.NewGray(image.Rect(0, 0, width, height))))
	return b.String()
}

// sent is a part of a multipart form; with a name it is a file.
type sent struct{ field, name, text string }

// parts sends a multipart form as a user of the home organization.
func (w *world) parts(user int64, method, target string, parts ...sent) answer {
	w.t.Helper()
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	for _, p := range parts {
		if p.name == "" {
			must(w.t, m.WriteField(p.field, p.text))
			continue
		}
		part, err := m.CreateFormFile(p.field, p.name)
		must(w.t, err)
		_, err = part.Write([]byte(p.text))
		must(w.t, err)
	}
	must(w.t, m.Close())
	r := typedRequest(method, "http://crm.example.com"+target, m.FormDataContentType(), body.String())
	r.Header.Set("Authorization", "Token token="+w.token(home, user))
	return w.do(r)
}

// bare sends a request with parameters in the query as a user of the home
// organization.
func (w *world) bare(user int64, method, target string) answer {
	w.t.Helper()
	r := httptest.NewRequest(method, "http://crm.example.com"+target, nil)
	r.Header.Set("Authorization", "Token token="+w.token(home, user))
	return w.do(r)
}

// shownFile is an attachment as answers show it.
type shownFile struct {
	ID          int64
	Name        string
	URL         string `json:"file_url"`
	Origin      string `json:"origin_url"`
	OwnerType   string `json:"attachmentable_type"`
	OwnerID     int64  `json:"attachmentable_id"`
	Note        string
	SubType     string `json:"sub_type"`
	FileName    string `json:"file_file_name"`
	ContentType string `json:"file_content_type"`
	Size        int    `json:"file_file_size"`
	UploadTime  string `json:"upload_time"`
	AvatarURL   string `json:"avatar_url"`
	Attachments []shownFile
	Total       int        `json:"total_count"`
	Card        *shownFile `json:"card_attachment"`
	User        *shownFile
}

func (w *world) file(a answer) (f shownFile) {
	w.t.Helper()
	var body struct {
		Code int
		Data json.RawMessage
	}
	must(w.t, json.Unmarshal([]byte(a.body), &body))
	if body.Code != 0 {
		w.t.Fatalf("refused: %s", a.body)
	}
	must(w.t, json.Unmarshal(body.Data, &f))
	return f
}

// path is a link without its host.
func (w *world) path(link string) string {
	w.t.Helper()
	u, err := url.Parse(link)
	must(w.t, err)
	return u.RequestURI()
}

func TestFileAnswers(t *testing.T) {
	w := fileWorld(t)
	one := []sent{{"file", "合同 1.txt", "text"}, {"attachmentable_type", "", "customer"}, {"attachmentable_id", "", "73717"}, {"note", "", "第一版"}}
	golden(t, "attachments.create_for_customer", w.parts(owner, "POST", "/api/v2/attachments", one...).body)
	golden(t, "attachments.create_several", w.parts(owner, "POST", "/api/v2/attachments",
		sent{"files[]", "a.csv", "a,b\n"}, sent{"files[]", "b.pdf", "%PDF-1.7"}, sent{"sub_type", "", "scan"}).body)
	free := w.file(w.parts(owner, "POST", "/api/v2/attachments", sent{"attachment[file]", "card.png", drawnPNG(t, 30, 20)}))
	golden(t, "attachments.detail_of_nothing", w.get(home, owner, fmt.Sprint("/api/v2/attachments/", free.ID)).body)
	golden(t, "attachments.list", w.get(home, owner, "/api/v2/attachments?attachmentable_type=Customer&attachmentable_id=73717").body)
	golden(t, "attachments.list_empty", w.get(home, owner, "/api/v2/attachments?attachmentable_type=Contact&attachmentable_id=20583").body)
	golden(t, "attachments.list_nothing_named", w.get(home, owner, "/api/v2/attachments").body)
	golden(t, "attachments.list_of_no_kind", w.get(home, owner, "/api/v2/attachments?attachmentable_type=Product&attachmentable_id=1").body)
	golden(t, "attachments.detail_out_of_reach", w.get(home, colleague, "/api/v2/attachments/14919").body)
	golden(t, "attachments.update", w.parts(owner, "PUT", "/api/v2/attachments/14919", sent{"attachment[name]", "", "合同 2"}, sent{"note", "", "新"}).body)
	golden(t, "attachments.attach", w.post(home, owner, fmt.Sprintf("/api/v2/attachments/%d/attach", free.ID),
		`{"attachmentable_type":"Contact","attachmentable_id":145384,"sub_type":"正面"}`).body)
	golden(t, "contacts.attachments", w.get(home, owner, "/api/v2/contacts/145384/attachments?page=0&per_page=5").body)
	golden(t, "customers.attachments", w.get(home, admin, "/api/v2/customers/73717/attachments").body)
	golden(t, "attachments.delete", w.bare(owner, "DELETE", "/api/v2/attachments/14919").body)
	golden(t, "attachments.delete_again", w.bare(owner, "DELETE", "/api/v2/attachments/14919").body)
	golden(t, "attachments.create_program", w.parts(owner, "POST", "/api/v2/attachments", sent{"file", "a.exe", "MZ"}).body)
	golden(t, "attachments.create_missing", w.parts(owner, "POST", "/api/v2/attachments", sent{"note", "", "x"}).body)
	golden(t, "attachments.create_text", w.parts(owner, "POST", "/api/v2/attachments", sent{"file", "", "text"}).body)
	golden(t, "attachments.create_too_large", w.parts(owner, "POST", "/api/v2/attachments", sent{"file", "a.bin", strings.Repeat("x", 1<<20+1)}).body)
	golden(t, "contacts.set_card", w.parts(owner, "PUT", "/api/v2/contacts/145384/card", sent{"card[file]", "名片.png", drawnPNG(t, 30, 20)}).body)
	golden(t, "contacts.set_card_no_picture", w.parts(owner, "POST", "/api/v2/contacts/145384/card", sent{"file", "a.pdf", "%PDF-1.7"}).body)
	golden(t, "contacts.remove_card", w.bare(owner, "DELETE", "/api/v2/contacts/145384/card").body)
	golden(t, "contacts.remove_card_again", w.bare(owner, "DELETE", "/api/v2/contacts/145384/card").body)
	lead := w.file(w.post(home, owner, "/api/v2/leads", `{"lead":{"name":"名片"}}`))
	golden(t, "leads.set_card", w.parts(owner, "PUT", fmt.Sprintf("/api/v2/leads/%d/card", lead.ID), sent{"file", "名片.png", drawnPNG(t, 30, 20)}).body)
	w.parts(owner, "POST", "/api/v2/attachments", sent{"file", "a.txt", "text"}, sent{"attachmentable_type", "", "Lead"}, sent{"attachmentable_id", "", fmt.Sprint(lead.ID)})
	golden(t, "leads.attachments", w.get(home, owner, fmt.Sprintf("/api/v2/leads/%d/attachments", lead.ID)).body)
	golden(t, "leads.remove_card", w.bare(owner, "DELETE", fmt.Sprintf("/api/v2/leads/%d/card", lead.ID)).body)
	golden(t, "user.set_avatar", w.parts(owner, "PUT", "/api/v2/user/avatar", sent{"file", "me.png", drawnPNG(t, 30, 20)}).body)
	golden(t, "user.remove_avatar", w.bare(owner, "DELETE", "/api/v2/user/avatar").body)
	golden(t, "user.set_avatar_of_other", w.parts(admin, "PUT", "/api/v2/users/443/avatar", sent{"file", "me.png", drawnPNG(t, 30, 20)}).body)
	golden(t, "user.set_avatar_of_refused", w.parts(colleague, "PUT", "/api/v2/users/443/avatar", sent{"file", "me.png", drawnPNG(t, 30, 20)}).body)
	golden(t, "user.remove_avatar_of", w.bare(admin, "DELETE", "/api/v2/users/443/avatar").body)
}

// A customer's detail has a text where there are no files, and a list of them
// otherwise.
func TestFilesOfCustomerDetail(t *testing.T) {
	w := fileWorld(t)
	if body := w.get(home, owner, "/api/v2/customers/73717").body; !strings.Contains(body, `"attachments":"暂无附件"`) {
		t.Errorf("without files: %s", body)
	}
	tag := w.get(home, owner, "/api/v2/customers/73717").header.Get("ETag")
	a := w.file(w.parts(owner, "POST", "/api/v2/attachments", sent{"file", "a.txt", "text"},
		sent{"attachment[attachmentable_type]", "", "Customer"}, sent{"attachment[attachmentable_id]", "", "73717"}))
	detail := w.get(home, owner, "/api/v2/customers/73717")
	if f := w.file(detail); len(f.Attachments) != 1 || f.Attachments[0].ID != a.ID || f.Attachments[0].Origin != a.Origin {
		t.Errorf("with a file: %s", detail.body)
	}
	if detail.header.Get("ETag") == tag {
		t.Error("the ETag has not moved")
	}
	// Who has seen the customer without the file may not change it as if nothing had happened.
	r := typedRequest("PUT", "http://crm.example.com/api/v2/customers/73717", "application/json", `{"customer":{"note":"x"}}`)
	r.Header.Set("Authorization", "Token token="+w.token(home, owner))
	r.Header.Set("If-Match", tag)
	if got := w.do(r); !strings.Contains(got.body, `"code":409`) {
		t.Errorf("If-Match: %s", got.body)
	}
}

// A link works while the file is there, for a day, and gives ranges; nothing
// that was deleted comes out of it, neither whole nor as a thumbnail that was
// made before.
func TestLinksOfFiles(t *testing.T) {
	w := fileWorld(t)
	upload := func() shownFile {
		return w.file(w.parts(owner, "POST", "/api/v2/attachments", sent{"file", "photo.png", drawnPNG(t, 300, 200)},
			sent{"attachmentable_type", "", "Contact"}, sent{"attachmentable_id", "", "145384"}))
	}
	f := upload()
	plain, slim := w.path(f.Origin), w.path(f.URL)
	thumbnail := plain + "?imageMogr2/thumbnail/30x"
	whole := w.fetch(plain)
	if whole.status != 200 || len(whole.body) != f.Size || whole.header.Get("Accept-Ranges") != "bytes" || whole.header.Get("Cache-Control") != "private, no-cache" {
		t.Fatalf("%d %v", whole.status, whole.header)
	}
	if slim == plain || w.fetch(slim).status != 200 || w.fetch(thumbnail).status != 200 {
		t.Errorf("pictures: %s", slim)
	}
	tags := map[string]bool{}
	for _, link := range []string{plain, slim, thumbnail} {
		a := w.fetch(link)
		tag := a.header.Get("ETag")
		tags[tag] = true
		if got := w.fetch(link, "If-None-Match", tag); got.status != 304 || got.body != "" || got.header.Get("ETag") != tag {
			t.Errorf("%s asked again: %d", link, got.status)
		}
		if got := w.fetch(link, "If-None-Match", `"other"`); got.status != 200 || got.body != a.body {
			t.Errorf("%s with another tag: %d", link, got.status)
		}
		part := w.fetch(link, "Range", "bytes=1-3")
		if part.status != 206 || part.body != a.body[1:4] {
			t.Errorf("%s in part: %d %q", link, part.status, part.body)
		}
		if got := w.fetch(link, "Range", "bytes=1-3", "If-Range", `"other"`); got.status != 200 || got.body != a.body {
			t.Errorf("%s in part, if it is another: %d", link, got.status)
		}
		head := w.do(httptest.NewRequest("HEAD", "http://crm.example.com"+link, nil))
		if head.status != 200 || head.body != "" || head.header.Get("Content-Length") != fmt.Sprint(len(a.body)) || head.header.Get("ETag") != tag {
			t.Errorf("HEAD %s: %d %v", link, head.status, head.header)
		}
	}
	if len(tags) != 3 || tags[""] {
		t.Errorf("the tags are %v", tags)
	}
	for name, remove := range map[string]func(f shownFile){
		"deleted":             func(f shownFile) { w.bare(owner, "DELETE", fmt.Sprint("/api/v2/attachments/", f.ID)) },
		"its contact deleted": func(shownFile) { w.bare(admin, "DELETE", "/api/v2/contacts/145384") },
	} {
		f := upload()
		links := []string{w.path(f.Origin), w.path(f.URL), w.path(f.Origin) + "?imageMogr2/thumbnail/30x"}
		var seen []string
		for _, link := range links {
			seen = append(seen, w.fetch(link).header.Get("ETag"))
		}
		remove(f)
		for i, link := range links {
			for _, a := range []answer{w.fetch(link), w.fetch(link, "Range", "bytes=0-1"), w.fetch(link, "If-None-Match", seen[i])} {
				if a.status != 404 || a.header.Get("ETag") != "" || a.header.Get("Cache-Control") != "" {
					t.Errorf("%s: %s is %d %v", name, link, a.status, a.header)
				}
			}
		}
	}
	f = w.file(w.parts(owner, "POST", "/api/v2/attachments", sent{"file", "a.txt", "text"}))
	w.clock.Add((25 * time.Hour).Milliseconds())
	if got := w.fetch(w.path(f.Origin)); got.status != 403 {
		t.Errorf("a day later: %d", got.status)
	}
}

// A card given by its id shows in both forms of the contact's detail, and an
// avatar wherever its user does.
func TestCardAndAvatarAreShown(t *testing.T) {
	w := fileWorld(t)
	free := w.file(w.parts(owner, "POST", "/api/v2/attachments", sent{"file", "card.png", drawnPNG(t, 30, 20)}))
	got := w.file(w.parts(owner, "PUT", "/api/v2/contacts/145384", sent{"contact[card_attachment_id]", "", fmt.Sprint(free.ID)}))
	if got.Card == nil || got.Card.ID != free.ID || got.Card.OwnerID != 145384 {
		t.Errorf("the card is %+v", got.Card)
	}
	body := w.get(home, owner, "/api/v2/contacts/145384").body
	if !strings.Contains(body, fmt.Sprintf(`"attachment":{"id":%d,"name":"card.png"`, free.ID)) {
		t.Errorf("the detail is %s", body)
	}
	if refused := w.parts(owner, "PUT", "/api/v2/contacts/27826", sent{"contact[card_attachment_id]", "", fmt.Sprint(free.ID)}); !strings.Contains(refused.body, "图片不存在") {
		t.Errorf("another contact's card: %s", refused.body)
	}
	own := w.file(w.parts(owner, "POST", "/api/v2/user/avatar", sent{"avatar[file]", "me.png", drawnPNG(t, 300, 300)}))
	if own.ID != owner || w.fetch(w.path(own.AvatarURL)).status != 200 {
		t.Errorf("the avatar is %+v", own)
	}
	// The very next answer shows it.
	if shown := w.file(w.get(home, owner, "/api/v2/contacts/145384")); shown.User == nil || shown.User.AvatarURL != own.AvatarURL {
		t.Errorf("the owner is shown with %+v, want %s", shown.User, own.AvatarURL)
	}
	if refused := w.parts(owner, "PUT", "/api/v2/user/avatar", sent{"a", "", "b"}); !strings.Contains(refused.body, "缺少file参数") {
		t.Errorf("no picture: %s", refused.body)
	}
	if refused := w.parts(owner, "PUT", "/api/v2/user/avatar", sent{"file", "a.png", "x"}, sent{"avatar", "b.png", "x"}); !strings.Contains(refused.body, "只能上传一个文件") {
		t.Errorf("two pictures: %s", refused.body)
	}
}

// The same upload sent again gives the first answer, letter for letter.
func TestUploadSentAgain(t *testing.T) {
	w := fileWorld(t)
	send := func(content string) string {
		return w.parts(owner, "POST", "/api/v2/attachments?request_ticket=6f1e", sent{"file", "a.txt", content}).body
	}
	first := send("text")
	if again := send("text"); again != first {
		t.Errorf("again: %s, first: %s", again, first)
	}
	if other := send("other"); !strings.Contains(other, "request_ticket已被使用") {
		t.Errorf("another file: %s", other)
	}
}

// While the storage of files does not answer, an upload says so and writes
// nothing, and everything else works.
func TestUploadWithSilentStorage(t *testing.T) {
	w := fileWorld(t)
	log := slog.New(slog.DiscardHandler)
	svc := service.New(w.store, silent{w.blobs}, w.svc.Regions(), service.Settings{IdleLife: 24 * time.Hour, AbsoluteLife: 72 * time.Hour, UploadLimit: 100}, w.svc.Now, log)
	w.server = New(svc, call.NewLinks(fileSigner(t), false), nil, nil, nil, Options{Instance: "test", Build: "test"}, log, obs.NewMetrics("silent"))
	got := w.parts(owner, "POST", "/api/v2/attachments", sent{"file", "a.txt", "text"}, sent{"attachmentable_type", "", "Customer"},
		sent{"attachmentable_id", "", "73717"})
	if got.status != 503 || got.header.Get("Retry-After") != "1" || !strings.Contains(got.body, `"error":"service_unavailable"`) {
		t.Errorf("%d %v %s", got.status, got.header, got.body)
	}
	if list := w.file(w.get(home, owner, "/api/v2/customers/73717/attachments")); list.Total != 0 {
		t.Errorf("%d files were written", list.Total)
	}
}
