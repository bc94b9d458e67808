package api

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// FuzzWrites sends anything to every call that changes something: it is done or
// refused, and never an error of the server.
func FuzzWrites(f *testing.F) {
	var calls []route
	for _, rt := range routes() {
		if rt.method != "GET" && !rt.open && !strings.Contains(rt.path, "password") && !strings.Contains(rt.path, "/sessions") &&
			!strings.Contains(rt.path, "/logout") {
			calls = append(calls, rt)
		}
	}
	ids := []string{"910", "911", "912", "4001", "4002", "443", "14001", "31", "32", "1", "2", "419", "5", "443/x"}
	for i, rt := range calls {
		f.Add(uint16(i), uint8(i), "application/json", `{"customer":{"name":"a","labels":[1],"contacts_attributes":[{"name":"b"}]},"ids":[910]}`)
		f.Add(uint16(i), uint8(i+1), "application/x-www-form-urlencoded", "lead[name]=a&contact[name]=b&contact[customer_id]=910&user_id=443&common_id=31&ids[]=4001")
		f.Add(uint16(i), uint8(i+2), "", `{"user":{"name":"a","login":"x@example.com","role_id":419},"role":{"name":"r"},"label":{"name":"l"},"department":{"name":"d"},`+
			`"common_setting":{"name":"p","entity_type":"lead","rule_type":1},"custom_field":{"label":"f","field_type":"text_field","entity_type":"customer"}}`)
		for _, r := range replays() {
			if r.method == rt.method && r.params != "" && i%7 == 0 {
				f.Add(uint16(i), uint8(0), "application/json", r.params)
			}
		}
	}
	w := newReplay(f)
	token := w.token(home, admin)
	f.Fuzz(func(t *testing.T, which uint16, id uint8, contentType, body string) {
		rt := calls[int(which)%len(calls)]
		path := strings.ReplaceAll(strings.ReplaceAll(rt.path, "{id}", ids[int(id)%len(ids)]), "{", "")
		r := httptest.NewRequest(rt.method, "http://crm.example.com"+strings.ReplaceAll(path, "}", ""), strings.NewReader(body))
		r.Header.Set("Authorization", "Token token="+token)
		if contentType != "" {
			r.Header.Set("Content-Type", contentType)
		}
		w.log.forget()
		rec := httptest.NewRecorder()
		w.server.ServeHTTP(rec, r)
		var a struct {
			Code    *int
			Message string
		}
		err := json.Unmarshal(rec.Body.Bytes(), &a)
		known := rec.Code == http.StatusOK || rec.Code == http.StatusNotFound || rec.Code == http.StatusMethodNotAllowed
		if err != nil || !known || a.Code == nil || *a.Code != 0 && a.Message == "" {
			t.Fatalf("%s %s: HTTP %d %s (%v)\n%.2000s", rt.method, path, rec.Code, rec.Body, err, w.log.String())
		}
	})
}
