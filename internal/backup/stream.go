package backup

import (
	"context"
	"io"
)

// Reader gives what from gives until ctx ends: then a Read returns at once,
// though from may be blocked for ever (a pipe into which nobody writes). It
// must be closed; a Read of from that is blocked then stays behind.
func Reader(ctx context.Context, from io.Reader) io.ReadCloser {
	out, in := io.Pipe()
	stop := context.AfterFunc(ctx, func() { in.CloseWithError(ctx.Err()) })
	go func() {
		defer stop()
		_, err := io.CopyBuffer(in, struct{ io.Reader }{from}, make([]byte, 1<<18))
		in.CloseWithError(err)
	}()
	return out
}

// Writer passes on to another writer until ctx ends: then a Write returns at
// once, though the other may be blocked for ever. Close waits until all is
// passed on.
type Writer struct {
	ctx  context.Context
	in   *io.PipeWriter
	done chan error
}

// NewWriter makes a Writer. It must be closed.
func NewWriter(ctx context.Context, to io.Writer) *Writer {
	out, in := io.Pipe()
	w := &Writer{ctx: ctx, in: in, done: make(chan error, 1)}
	stop := context.AfterFunc(ctx, func() { out.CloseWithError(ctx.Err()) })
	go func() {
		defer stop()
		_, err := io.CopyBuffer(struct{ io.Writer }{to}, out, make([]byte, 1<<18))
		out.CloseWithError(err)
		w.done <- err
	}()
	return w
}

// Write passes p on.
func (w *Writer) Write(p []byte) (int, error) { return w.in.Write(p) }

// Close answers the error of the writer that was passed on to.
func (w *Writer) Close() error {
	w.in.Close()
	select {
	case err := <-w.done:
		if err != nil && w.ctx.Err() != nil {
			return w.ctx.Err() // the copy broke off because of it
		}
		return err
	case <-w.ctx.Done():
		return w.ctx.Err()
	}
}
