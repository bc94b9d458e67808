package main

import (
	"context"

	"guanxi/internal/app"
)

type demoCmd struct{ app.Config }

func (d *demoCmd) Run(ctx context.Context) error { return serve(ctx, d.Config, nil) }
