package api

import (
	"net/http/httptest"
	"strings"
	"testing"
)

// The document and its page need no token, and count for nobody's rate.
func TestDocumentIsServed(t *testing.T) {
	w := newWorld(t)
	for target, want := range map[string]string{
		"/openapi.json?lang=en": `"operationId":"contacts.detail"`,
		"/docs?lang=en":         `<article id="contacts.detail">`,
		"/docs/page.js":         `"use strict";`,
		"/docs/errors?lang=en":  `entity_validation_error`,
	} {
		got := w.do(httptest.NewRequest("GET", "http://crm.example.com"+target, nil))
		if got.status != 200 || !strings.Contains(got.body, want) || got.header.Get("X-Content-Type-Options") != "nosniff" ||
			got.header.Get("X-Request-Id") == "" {
			t.Errorf("%s: %d %v", target, got.status, got.header)
		}
	}
}
