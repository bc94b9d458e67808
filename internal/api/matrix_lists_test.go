package api

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// shown are the ids of a list's records and its total.
func shown(t *testing.T, a answer, key string) (ids []int64, total int) {
	t.Helper()
	var e struct {
		Code int
		Data map[string]json.RawMessage
	}
	must(t, json.Unmarshal([]byte(a.body), &e))
	if e.Code != 0 {
		t.Fatalf("refused: %s", a.body)
	}
	var rows []struct{ ID int64 }
	must(t, json.Unmarshal(e.Data[key], &rows))
	must(t, json.Unmarshal(e.Data["total_count"], &total))
	for _, r := range rows {
		ids = append(ids, r.ID)
	}
	slices.Sort(ids)
	return ids, total
}

// TestMatrixLists asks each list as everybody and in every tab: it shows and
// counts exactly the records that the rules say, and a search, filter or sort
// neither shows nor counts any other.
func TestMatrixLists(t *testing.T) {
	w := newMatrix(t)
	// in tells whether a record is in a tab of a caller, beside being visible.
	subordinates := map[who][]string{mSuperior: {"own", "assisted", "pending"}}
	mine := map[who][]string{mOwner: {"own", "assisted", "pending"}, mElse: {"foreign"}}
	for _, e := range []struct {
		key, path, entity string
		tabs              []string
	}{
		{"customers", "/api/v2/customers", "customer", []string{"", "my", "sub", "common", "assist", "sub_assist", "applying"}},
		{"customers", "/api/v2/customers/by_name", "customer", []string{"", "my"}},
		{"customers", "/api/v2/common_customers", "customer", []string{"pool"}},
		{"contacts", "/api/v2/contacts", "customer", []string{"", "my", "sub", "assist", "sub_assist"}},
		{"leads", "/api/v2/leads", "lead", []string{"", "my", "sub", "common"}},
		{"leads", "/api/v2/common_leads", "lead", []string{"pool"}},
	} {
		for _, tab := range e.tabs {
			for _, c := range callers {
				if c.who == mNobody || c.who == mExpired || c.who == mReplaced || c.who == mDisabled {
					continue
				}
				as := c.who
				if as == mStranger {
					as = mOwner
				}
				var want []int64
				for _, p := range places {
					l := levelOf(e.entity, p, as)
					in := false
					switch tab {
					case "":
						in = l == lFull
					case "my":
						in = slices.Contains(mine[as], p.name)
					case "sub":
						in = slices.Contains(subordinates[as], p.name)
					case "common", "pool":
						in = p.name == "pooled" && l != lNone
					case "assist":
						in = as == mHelper && p.name == "assisted"
					case "sub_assist":
						in = as == mAbove && p.name == "assisted"
					case "applying":
						in = p.name == "pending" && l == lFull
					}
					if in {
						want = append(want, p.id)
					}
				}
				target := e.path + "?per_page=100"
				if tab != "pool" && tab != "" {
					target += "&tab_type=" + tab
				}
				for _, more := range []string{"", "&query=密", "&sort=updated_at&order=asc", "&created_at[]=2025-1-1&created_at[]=2027-12-31",
					"&query=路&custom_field_name=address.detail_address"} {
					if strings.Contains(e.path, "by_name") && strings.Contains(more, "address") {
						continue // it looks in names, whatever is said
					}
					ids, total := shown(t, w.askAs(c.who, c.id, "GET", target+more, ""), e.key)
					if !slices.Equal(ids, want) || total != len(want) {
						t.Errorf("%s%s as %s: %v, %d in all; want %v", target, more, c.who, ids, total, want)
					}
				}
				// What belongs to a record that is not shown is not found either.
				for _, p := range places {
					if p.name == "gone" || slices.Contains(want, p.id) {
						continue
					}
					for _, org := range []int64{matrixHome, matrixOther} {
						for _, text := range []string{secret(org, e.entity, p), numberOf(org, e.entity, p)} {
							if ids, total := shown(t, w.askAs(c.who, c.id, "GET", target+"&query="+text, ""), e.key); total != 0 || len(ids) > 0 {
								t.Errorf("%s as %s finds %v by %s", target, c.who, ids, text)
							}
						}
					}
				}
				if ids, _ := shown(t, w.askAs(c.who, c.id, "GET", target+"&page=2&per_page=1&sort=name&user_id=101", ""), e.key); len(ids) > 0 {
					t.Errorf("%s as %s shows %v of nobody", target, c.who, ids)
				}
			}
		}
	}
}
