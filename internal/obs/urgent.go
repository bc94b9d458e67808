package obs

import (
	"context"
	"log/slog"
)

// urgent writes warnings and errors out at once.
type urgent struct {
	slog.Handler
	out *flusher
	// plainJSON says that lines are JSON without attributes or groups of a
	// logger's own.
	plainJSON bool
}

func (u *urgent) Handle(ctx context.Context, r slog.Record) error {
	err := u.Handler.Handle(ctx, r)
	if r.Level >= slog.LevelWarn {
		u.out.flush()
	}
	return err
}

// WithAttrs keeps the flushing for loggers made from this one.
func (u *urgent) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &urgent{u.Handler.WithAttrs(attrs), u.out, false}
}

// WithGroup keeps the flushing for loggers made from this one.
func (u *urgent) WithGroup(name string) slog.Handler {
	return &urgent{u.Handler.WithGroup(name), u.out, false}
}
