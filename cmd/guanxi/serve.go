package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"reflect"
	"runtime/debug"
	"strings"
	"time"

	"guanxi/internal/app"
	"guanxi/internal/obs"
)

// server are the options of the commands that serve.
type server struct {
	app.Config
	PrintConfig bool `help:"Print the options in force, without secrets, and stop." env:"GUANXI_PRINT_CONFIG"`
}

type serveCmd struct{ server }

func (s *serveCmd) Run(ctx context.Context) error {
	if s.PrintConfig {
		return printConfig(&s.Config)
	}
	return serve(ctx, s.Config, nil)
}

// printConfig shows each option with its environment variable; what is marked
// secret shows only whether it is set.
func printConfig(c *app.Config) error {
	if err := c.Validate(); err != nil {
		return err
	}
	v := reflect.ValueOf(*c)
	for i := range v.NumField() {
		f := v.Type().Field(i)
		value := fmt.Sprint(v.Field(i).Interface())
		if list, ok := v.Field(i).Interface().([]string); ok {
			value = strings.Join(list, ",")
		}
		if _, secret := f.Tag.Lookup("secret"); secret && value != "" {
			value = "(set)"
		}
		fmt.Printf("%s=%s\n", f.Tag.Get("env"), value)
	}
	return nil
}

// collectAt is by how many percent the heap may grow before the collector runs.
const collectAt = 400

// serve opens the installation and serves until ctx ends. ready is called when
// the listener is open, before the first request.
func serve(ctx context.Context, cfg app.Config, ready func(*app.App, string) error) error {
	if err := cfg.Validate(); err != nil {
		return err
	}
	start := time.Now()
	if os.Getenv("GOGC") == "" {
		// The heap is small (what organizations have in memory) and garbage comes quickly, so the collector may wait
		// until the heap has grown fivefold: a few megabytes more for a twentieth of the time.
		debug.SetGCPercent(collectAt)
	}
	log := obs.NewLogger(os.Stderr, cfg.LogFormat, cfg.Level())
	defer log.Close()
	a, err := app.Open(ctx, cfg, true, version, time.Now, log.Logger)
	if err != nil {
		return err
	}
	if os.Getenv("GOGC") == "" {
		a.CollectAt = collectAt
	}
	defer func() {
		if err := a.Close(); err != nil {
			log.Error("close", "error", err.Error())
		}
	}()
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", cfg.Addr)
	if err != nil {
		return err
	}
	url := "http://" + l.Addr().String()
	if ready != nil {
		if err := ready(a, url); err != nil {
			l.Close()
			return err
		}
	} else if all, err := a.Service.Organizations(ctx); err == nil && len(all) == 0 {
		fmt.Fprintln(os.Stderr, `The database is empty. Add an organization with: guanxi org add "My company" --login 13800000000`)
	}
	log.Info("ready", "url", url, "version", version, "took_ms", time.Since(start).Milliseconds())
	log.Flush() // scripts wait for this line
	if err := a.Serve(ctx, l); err != nil && err != http.ErrServerClosed {
		return err
	}
	return nil
}
