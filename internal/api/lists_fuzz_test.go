package api

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
)

// FuzzLists asks every list by anything, the cursor taken apart into what it
// holds: the answer is a page or a refusal, never an error of the server.
func FuzzLists(f *testing.F) {
	paths := []string{"customers", "contacts", "leads", "common_customers", "common_leads", "customers/by_name", "contacts/simplest",
		"user/list", "user/simple_list", "duplicates/search", "leads/by_name", "customers/search_duplicates", "attachments"}
	for i, seed := range []string{
		"page=0&per_page=200&query=科&custom_field_name=name&sort=name&order=asc&tab_type=sub", "created_at[]=2026-1-1&created_at[]=",
		"status=3462&labels[]=1&labels[]=2&text_asset_fbf817=sel_4d1f", "entity=customer&entity_id=910&has_phone=true",
		"numeric_asset_11aa22[]=1&numeric_asset_11aa22[]=1e9&sort=numeric_asset_11aa22", "name=赵六&query=1380", "created_at[][a]=1&page=99999999999",
		"query=%F0%9F%98%80&tab_type=assist", "attachmentable_type=Customer&attachmentable_id=910",
	} {
		f.Add(uint8(i), seed, "")
		f.Add(uint8(i), seed, `{"Column":"created_at","ID":910,"Int":1770000000000}`)
	}
	f.Add(uint8(0), "sort=name", `{"Column":"name","Text":"a"}`)
	f.Add(uint8(0), "sort=numeric_asset_11aa22", `{"Column":"numeric_asset_11aa22","NoNum":true}`)
	w := newReplay(f)
	token := w.token(home, admin)
	f.Fuzz(func(t *testing.T, which uint8, query, cursor string) {
		r := httptest.NewRequest("GET", "http://crm.example.com/api/v2/"+paths[int(which)%len(paths)], nil)
		r.Header.Set("Authorization", "Token token="+token)
		r.URL.RawQuery = query
		if cursor != "" {
			r.URL.RawQuery += "&cursor=" + url.QueryEscape(base64.RawURLEncoding.EncodeToString([]byte(cursor)))
		}
		w.log.forget()
		rec := httptest.NewRecorder()
		w.server.ServeHTTP(rec, r)
		var a struct {
			Code    *int
			Message string
			Data    struct{ Customers, Leads []struct{ ID int64 } }
		}
		if err := json.Unmarshal(rec.Body.Bytes(), &a); err != nil || rec.Code != http.StatusOK || a.Code == nil || *a.Code != 0 && a.Message == "" {
			t.Fatalf("%s: HTTP %d %s (%v)", r.URL, rec.Code, rec.Body, err)
		}
		seen := map[int64]bool{}
		for _, k := range append(a.Data.Customers, a.Data.Leads...) {
			if seen[k.ID] {
				t.Fatalf("%s shows %d twice", r.URL, k.ID)
			}
			seen[k.ID] = true
		}
	})
}

// forget empties the log, which grows for as long as a fuzz runs.
func (l *lockedBuffer) forget() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.b.Reset()
}
