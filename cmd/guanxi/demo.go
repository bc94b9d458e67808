package main

import (
	"context"
	"os"
	"strings"

	"guanxi/internal/app"
	"guanxi/internal/demo"
)

type demoCmd struct{ server }

// Run serves the demo on the loopback device. The company is loaded when the
// listener is open, so that an address in use fails before anything is written.
func (d *demoCmd) Run(ctx context.Context) error {
	if d.PrintConfig {
		return printConfig(&d.Config)
	}
	if err := demo.CheckAddress(d.Addr); err != nil {
		return err
	}
	return serve(ctx, d.Config, func(a *app.App, url string) error {
		// What localhost stands for is known only now.
		if err := demo.CheckAddress(strings.TrimPrefix(url, "http://")); err != nil {
			return err
		}
		facts, err := demo.Prepare(ctx, a.Store, a.Blobs, a.Service, d.Data, url)
		if err != nil {
			return err
		}
		return facts.Print(os.Stdout)
	})
}
