package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver pgx reads names and ids
	_ "modernc.org/sqlite"             // and so does this one, out of the database file

	"guanxi/internal/pgtest"
)

// dataSet is a folder that "guanxi gen" has filled, and with PostgreSQL the
// running cluster whose data lie in it.
type dataSet struct {
	dir           string
	url           string // of the database; "" for the embedded one
	cluster       *pgtest.Cluster
	organizations []organization // those that requests are made for
	loaded        *load
}

// organization is one of gen.json.
type organization struct {
	ID        int64  `json:"id"`
	Login     string `json:"login"`
	Password  string `json:"password"`
	Customers int64  `json:"customers"`
	Contacts  int64  `json:"contacts"`
}

// load is what filling the folder took; bench keeps it beside the data. No
// time is known of a load that was interrupted.
type load struct {
	Customers int     `json:"customers"`
	Seconds   float64 `json:"seconds"`
}

// prepare takes the data set of this size that lies there, or makes one. Close
// it.
func prepare(ctx context.Context, o *options, engine string, size, organizations int) (_ *dataSet, err error) {
	d := &dataSet{dir: filepath.Join(o.dir, fmt.Sprintf("bench-%s-%d-%d", engine, size, organizations))}
	// The user that PostgreSQL runs as passes through; what is in it is private.
	if err := os.MkdirAll(d.dir, 0o711); err != nil {
		return nil, err
	}
	if engine == postgres {
		if d.cluster, err = startCluster(ctx, filepath.Join(d.dir, "cluster")); err != nil {
			return nil, err
		}
		d.url = d.cluster.URL(databaseName)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, d.close())
		}
	}()
	note := filepath.Join(d.dir, "bench-load.json")
	err = readJSON(note, &d.loaded)
	if errors.Is(err, os.ErrNotExist) {
		err = d.fill(ctx, o, size, organizations, note)
	}
	if err != nil {
		return nil, err
	}
	var all []organization
	if err := readJSON(filepath.Join(d.dir, "gen.json"), &struct{ Organizations *[]organization }{&all}); err != nil {
		return nil, err
	}
	var sum int64
	for _, g := range all {
		sum += g.Customers
	}
	if sum != int64(size) {
		return nil, fmt.Errorf("%s holds %d customers; remove it to have it made anew", d.dir, sum)
	}
	d.organizations = spread(all, o.spread)
	return d, nil
}

// fill generates the data, or what is missing of them.
func (d *dataSet) fill(ctx context.Context, o *options, size, organizations int, note string) error {
	_, err := os.Stat(filepath.Join(d.dir, "gen.json"))
	begun := err == nil
	progress("%d customers: generating into %s", size, d.dir)
	begin := time.Now()
	cmd := exec.CommandContext(ctx, o.binary, "gen", "--customers", strconv.Itoa(size), "--seed", "1",
		"--organizations", strconv.Itoa(organizations), "--data", d.dir)
	cmd.Env = environment(d.url)
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("generate the data: %w", err)
	}
	d.loaded = &load{Customers: size}
	if !begun {
		d.loaded.Seconds = time.Since(begin).Seconds()
	}
	if d.cluster != nil {
		if err := settle(ctx, d.cluster); err != nil {
			return err
		}
	}
	b, err := json.Marshal(d.loaded)
	if err != nil {
		return err
	}
	return os.WriteFile(note, b, 0o600)
}

// close stops the cluster; its data stay.
func (d *dataSet) close() error {
	if d.cluster == nil {
		return nil
	}
	return errors.Join(d.cluster.Stop(), d.cluster.Close())
}

// spread takes n organizations, evenly over all.
func spread(all []organization, n int) []organization {
	if len(all) <= n {
		return all
	}
	some := make([]organization, n)
	for i := range some {
		some[i] = all[i*len(all)/n]
	}
	return some
}

// environment is that of a server or command on this database.
func environment(url string) []string {
	var env []string
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "GUANXI_") {
			env = append(env, v)
		}
	}
	if url != "" {
		env = append(env, "GUANXI_DATABASE="+url)
	}
	return env
}

func readJSON(path string, v any) error {
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(b, v); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// request is one of a list: whose it is, and what is right to be answered.
type request struct {
	org  int64
	path string
	id   int64 // of the customer (A) or contact (B) that must be in the answer
	tag  string
}

// calls are the two headline calls: A is the look-up by name, B the contact.
var calls = []string{"A", "B"}

// sample draws random names and contact ids from the database, organizations
// by their share.
func sample(ctx context.Context, o *options, d *dataSet) (map[string][]request, error) {
	db, err := d.open()
	if err != nil {
		return nil, err
	}
	defer db.Close()
	random := rand.New(rand.NewPCG(1, 2))
	lists := map[string][]request{}
	for call, q := range map[string]struct {
		table  string
		column string
		count  func(organization) int64
		path   func(id int64, value string) string
	}{
		"A": {"customers", "name", func(g organization) int64 { return g.Customers }, func(_ int64, name string) string {
			return "/api/v2/duplicates/matching_name?name=" + url.QueryEscape(name)
		}},
		"B": {"contacts", "name", func(g organization) int64 { return g.Contacts }, func(id int64, _ string) string {
			return "/api/v2/contacts/" + strconv.FormatInt(id, 10)
		}},
	} {
		var total int64
		for _, g := range d.organizations {
			total += q.count(g)
		}
		var list []request
		for _, g := range d.organizations {
			var low, high int64
			err := db.QueryRowContext(ctx, "SELECT min(id), max(id) FROM "+q.table+" WHERE organization_id = $1", g.ID).Scan(&low, &high)
			if err != nil {
				return nil, fmt.Errorf("organization %d: %w", g.ID, err)
			}
			row, err := db.PrepareContext(ctx, "SELECT id, "+q.column+" FROM "+q.table+
				" WHERE organization_id = $1 AND id >= $2 ORDER BY id LIMIT 1")
			if err != nil {
				return nil, err
			}
			for range max(1, int64(o.pairs)*q.count(g)/total) {
				var id int64
				var value string
				if err := row.QueryRowContext(ctx, g.ID, low+random.Int64N(high-low+1)).Scan(&id, &value); err != nil {
					return nil, err
				}
				list = append(list, request{org: g.ID, path: q.path(id, value), id: id})
			}
			row.Close()
		}
		random.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		lists[call] = list
	}
	return lists, nil
}
