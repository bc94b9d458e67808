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
