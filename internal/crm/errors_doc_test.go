package crm_test

import (
	"os"
	"strconv"
	"strings"
	"testing"

	"guanxi/internal/crm"
)

// Every error of the system is a row of the table in the API document, with
// its code, message, kind and HTTP status, and the table has no other row.
func TestErrorsStandInTheDocument(t *testing.T) {
	b, err := os.ReadFile("../../docs/api.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]bool{}
	for line := range strings.Lines(string(b)) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if len(cells) != 5 {
			continue
		}
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		if _, err := strconv.Atoi(cells[0]); err == nil {
			rows[strings.Join(cells[:4], " | ")] = true
		}
	}
	for _, e := range crm.Table() {
		kind, status := "`"+e.Kind+"`", "200"
		if e.Bare {
			kind = "(none; `data` is null)"
		}
		switch e {
		case crm.ErrNoRoute, crm.ErrMethod, crm.ErrInternal, crm.ErrUnavailable, crm.ErrUnknownOutcome:
			status = strconv.Itoa(e.Code)
		}
		if strconv.Itoa(e.Status()) != status {
			t.Errorf("%v goes out with HTTP %d, want %s", e, e.Status(), status)
		}
		row := strings.Join([]string{strconv.Itoa(e.Code), e.Message, kind, status}, " | ")
		if !rows[row] {
			t.Errorf("docs/api.md lacks the row\n| %s | … |", row)
		}
		delete(rows, row)
	}
	for row := range rows {
		t.Errorf("docs/api.md has a row for no error of crm.Table:\n| %s | … |", row)
	}
}

// Every error is told in both languages; where one is missing, the other does.
func TestErrorsAreToldInBothLanguages(t *testing.T) {
	for _, e := range crm.Table() {
		if e.In(crm.Chinese) != e.Message || e.In(crm.English) != e.English || e.Message == "" || e.English == "" {
			t.Errorf("%v: %q, %q", e, e.Message, e.English)
		}
		if e.English != "…" && (e.English == e.Message || !ascii(e.English) || ascii(e.Message)) {
			t.Errorf("%v: %q is not the English of %q", e, e.English, e.Message)
		}
	}
	if got := (&crm.Error{Message: "某错误"}).In(crm.English); got != "某错误" {
		t.Errorf("without English: %q", got)
	}
	for _, c := range []struct {
		err    *crm.Error
		zh, en string
	}{
		{crm.Required("客户名称", "Customer name"), "客户名称不能为空", "Customer name must not be blank"},
		{crm.TooLong("备注", "Note", 2000), "备注不能超过2000个字符", "Note must not have more than 2000 characters"},
		{crm.Duplicate("甲", "A").With("d"), "甲", "A"},
	} {
		if c.err.In(crm.Chinese) != c.zh || c.err.In(crm.English) != c.en {
			t.Errorf("%q, %q", c.err.Message, c.err.English)
		}
	}
}

func ascii(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= 0x80 })
}
