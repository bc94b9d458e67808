package e2e

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"os"
	"strings"
	"sync/atomic"
	"testing"
)

// olderChecked is how many records of earlier rounds each round looks at; the
// end of the test looks at all.
const olderChecked = 300

// checkAnswers asks the restarted server for the round's records and for some
// of earlier rounds, and counts the unacknowledged ones that were kept.
func (c *crash) checkAnswers(round int, sent []*planned) (kept int) {
	older := c.plans[:len(c.plans)-len(sent)]
	look := append([]*planned(nil), sent...)
	for range min(olderChecked, len(older)) {
		look = append(look, older[c.random.IntN(len(older))])
	}
	var whole atomic.Int64
	c.each(look, func(ctx context.Context, p *planned) string {
		if p.acknowledged {
			return c.checkAcknowledged(ctx, p)
		}
		all, err := c.client.byName(ctx, p.name)
		switch {
		case err != nil:
			return err.Error()
		case len(all) == 0:
			return ""
		case len(all) > 1:
			return fmt.Sprintf("sent once, there %d times", len(all))
		}
		for _, s := range sent {
			if s == p {
				whole.Add(1)
			}
		}
		return p.differs(&all[0])
	})
	if c.t.Failed() {
		c.t.Logf("in round %d", round+1)
	}
	return int(whole.Load())
}

// checkAcknowledged wants an acknowledged customer exactly once, with exactly
// the ids and values of the answer, and each of its contacts by itself.
func (c *crash) checkAcknowledged(ctx context.Context, p *planned) string {
	if !p.acknowledged {
		return ""
	}
	all, err := c.client.byName(ctx, p.name)
	if err != nil {
		return err.Error()
	}
	if len(all) != 1 {
		return fmt.Sprintf("acknowledged, and there %d times", len(all))
	}
	got := &all[0]
	if problem := p.differs(got); problem != "" {
		return problem
	}
	if got.ID != p.id || got.Address.ID != p.address {
		return fmt.Sprintf("acknowledged as %d with address %d, now %+v", p.id, p.address, got)
	}
	for i, k := range p.contacts {
		if got.Contacts[i].ID != k.id || got.Contacts[i].Address.ID != k.address {
			return fmt.Sprintf("contact %d was acknowledged as %+v, now %+v", i, k, got.Contacts[i])
		}
		a, err := c.client.send(ctx, "GET", fmt.Sprintf("/api/v2/contacts/%d", k.id), "", "")
		if err != nil {
			return err.Error()
		}
		var detail struct {
			ID       int64
			Name     string
			Address  foundAddress
			Customer struct{ ID int64 }
		}
		if err := a.decode(&detail); err != nil {
			return err.Error()
		}
		if detail.ID != k.id || detail.Name != k.name || text(detail.Address.Phone) != k.phone ||
			detail.Address.ID != k.address || detail.Customer.ID != p.id {
			return fmt.Sprintf("contact %+v is shown as %+v", k, detail)
		}
	}
	return ""
}

// differs tells in what a customer is not the one that was sent; "" when it is
// whole.
func (p *planned) differs(got *found) string {
	same := got.Name == p.name && text(got.Address.Tel) == p.tel && got.Address.ID > 0 && got.Address.Owner == got.ID &&
		len(got.Contacts) == len(p.contacts)
	for i := 0; same && i < len(p.contacts); i++ {
		k := got.Contacts[i]
		same = k.Name == p.contacts[i].name && text(k.Address.Phone) == p.contacts[i].phone && k.Address.ID > 0 &&
			k.Address.Owner == k.ID
	}
	if same {
		return ""
	}
	return fmt.Sprintf("sent %+v, there is %+v", p, got)
}

// check is a query that must give no row.
type check struct{ what, query string }

// fileChecks are what the embedded database tells of its file.
var fileChecks = []check{
	{"the integrity check", "SELECT integrity_check FROM pragma_integrity_check WHERE integrity_check <> 'ok'"},
	{"rows that refer to nothing", `SELECT "table" || ' ' || "rowid" || ' to ' || parent FROM pragma_foreign_key_check`},
}

// checkDatabase looks at the database of a data folder while nobody writes:
// everything in it belongs together, and no id was given twice.
func checkDatabase(t *testing.T, folder string, db *sql.DB) {
	t.Helper()
	var checks []check
	if databaseOf(t, folder) == "" {
		checks = fileChecks
	}
	for _, check := range append(checks[:len(checks):len(checks)], invariants...) {
		if err := report(db, check.query, func(row string) { t.Errorf("%s: %s", check.what, row) }); err != nil {
			t.Errorf("%s: %v", check.what, err)
		}
	}
}

// checkFiles looks at the database while nobody writes, and for what was sent.
func (c *crash) checkFiles() {
	c.t.Helper()
	db := openDatabase(c.t, c.data)
	defer db.Close()
	checkDatabase(c.t, c.data, db)
	c.checkRows(db)
}

// checkRows compares every customer of the first organization with what was
// sent.
func (c *crash) checkRows(db *sql.DB) {
	sent := make(map[string]*planned, len(c.plans))
	for _, p := range c.plans {
		sent[p.name] = p
	}
	kept := map[string]bool{}
	err := report(db, "SELECT name FROM customers WHERE organization_id = 1", func(name string) {
		kept[name] = true
		if sent[name] == nil {
			c.t.Errorf("%s was never sent", name)
		}
	})
	if err != nil {
		c.t.Fatal(err)
	}
	contacts := map[string]string{}
	err = report(db, `SELECT c.name || ';' || k.name || ' ' || k.phone
		FROM customers c JOIN contacts k ON k.organization_id = c.organization_id AND k.customer_id = c.id
		WHERE c.organization_id = 1 ORDER BY c.id, k.id`, func(row string) {
		name, contact, _ := strings.Cut(row, ";")
		contacts[name] += contact + ";"
	})
	if err != nil {
		c.t.Fatal(err)
	}
	for name, p := range sent {
		want := ""
		for _, k := range p.contacts {
			want += k.name + " " + k.phone + ";"
		}
		switch {
		case !kept[name] && p.acknowledged:
			c.t.Errorf("%s was acknowledged and is not in the database", name)
		case kept[name] && contacts[name] != want:
			c.t.Errorf("%s is there by half: contacts %q, sent %q", name, contacts[name], want)
		}
	}
}

// report calls fn for every row of a query with one column.
func report(db *sql.DB, query string, fn func(string)) error {
	rows, err := db.Query(query)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var row string
		if err := rows.Scan(&row); err != nil {
			return err
		}
		fn(row)
	}
	return rows.Err()
}

func copyFile(to, from string) error {
	in, err := os.Open(from)
	if os.IsNotExist(err) {
		return nil // a server that stopped gracefully leaves no log behind
	}
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	if closed := out.Close(); err == nil {
		err = closed
	}
	return err
}
