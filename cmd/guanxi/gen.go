package main

import "context"

type genCmd struct{ folder }

func (g *genCmd) Run(ctx context.Context) error { return nil }
