package main

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"time"

	"guanxi/internal/app"
	"guanxi/internal/gen"
)

type genCmd struct {
	folder
	Customers     int   `required:"" help:"How many customers, each with 1 to 3 contacts." env:"GUANXI_GEN_CUSTOMERS" placeholder:"N"`
	Seed          int64 `help:"The same seed gives the same data." default:"1" env:"GUANXI_GEN_SEED" placeholder:"S"`
	Organizations int   `help:"Over how many organizations the customers are spread." default:"1" env:"GUANXI_GEN_ORGANIZATIONS" placeholder:"K"`
	Batch         int   `help:"Customers in one transaction; the data do not depend on it." default:"10000" env:"GUANXI_GEN_BATCH" placeholder:"N" hidden:""`
}

// shownAccounts is how many sign-ins are printed; all of them are in gen.json.
const shownAccounts = 5

func (g *genCmd) Run(ctx context.Context) error {
	p := gen.Params{Customers: g.Customers, Organizations: g.Organizations, Seed: g.Seed}
	if err := p.Validate(); err != nil {
		return err
	}
	// Rows live for milliseconds and memory is there, so the collector may
	// rest for longer than usual.
	debug.SetGCPercent(400)
	a, err := g.open(ctx)
	if err != nil {
		return err
	}
	lock, err := app.LockLoad(g.Data)
	if err != nil {
		return errors.Join(err, a.Close())
	}
	defer lock.Close()
	err = g.load(ctx, a, p)
	return errors.Join(err, a.Close())
}

func (g *genCmd) load(ctx context.Context, a *app.App, p gen.Params) error {
	bar := &progress{statusLine: newStatusLine(), total: p.Customers, organizations: p.Organizations}
	accounts, err := gen.Load(ctx, a.Store, a.Service.Regions(), p, gen.Options{
		Data: g.Data, Batch: g.Batch, Founded: bar.founded, Begun: bar.begin, Progress: bar.show,
	})
	if err != nil {
		bar.end()
		if ctx.Err() != nil {
			return fmt.Errorf("interrupted at %d of %d customers; the same command continues there", bar.done, p.Customers)
		}
		return err
	}
	if bar.begun == p.Customers {
		fmt.Printf("the load is complete: %d customers are there, nothing was written\n", p.Customers)
	} else {
		bar.finish()
	}
	for i, o := range accounts.Organizations {
		if i == shownAccounts {
			fmt.Printf("… and %d more\n", len(accounts.Organizations)-i)
			break
		}
		fmt.Printf("organization %d: %d customers, %d contacts, login %s, password %s\n", o.ID, o.Customers, o.Contacts,
			o.Login, o.Password)
	}
	fmt.Printf("all sign-ins are in %s\n", gen.AccountsFile(g.Data))
	return nil
}

// progress tells how far a load has come, with a bar on a terminal.
type progress struct {
	statusLine
	total         int
	begun, done   int
	start         time.Time
	organizations int
}

// founded tells how many organizations there are; a few are made before it is
// time to tell.
func (p *progress) founded(n int) {
	if p.last.IsZero() {
		p.last = time.Now()
	}
	if p.due(false) {
		p.line(fmt.Sprintf("%d of %d organizations", n, p.organizations))
	}
}

func (p *progress) begin(done int) {
	p.begun, p.done, p.start, p.last = done, done, time.Now(), time.Time{}
	if done > 0 && done < p.total {
		fmt.Fprintf(p.out, "continuing behind %d of %d customers\n", done, p.total)
	}
}

// rate is customers per second in this run.
func (p *progress) rate() float64 {
	return float64(p.done-p.begun) / max(time.Since(p.start).Seconds(), 1e-3)
}

func (p *progress) show(done int) {
	p.done = done
	if !p.due(done == p.total) {
		return
	}
	rate := p.rate()
	left := time.Duration(float64(p.total-done) / max(rate, 1) * float64(time.Second)).Round(time.Second)
	bar := ""
	if p.redraw {
		const width = 30
		full := done * width / p.total
		bar = "[" + strings.Repeat("#", full) + strings.Repeat(".", width-full) + "] "
	}
	p.line(fmt.Sprintf("%s%d of %d customers, %.0f a second, %s left", bar, done, p.total, rate, left))
}

func (p *progress) finish() {
	took := time.Since(p.start)
	p.end()
	fmt.Printf("%d customers with their contacts in %s, %.0f a second\n", p.done-p.begun, took.Round(10*time.Millisecond),
		float64(p.done-p.begun)/max(took.Seconds(), 1e-3))
}
